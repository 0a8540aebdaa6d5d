-- product
SELECT r.name, COUNT(*) FROM customer c JOIN region r ON r.region_id = c.region_id GROUP BY r.name
