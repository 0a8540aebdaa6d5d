-- product
SELECT c.customer_id, c.family_name, r.name FROM customer c JOIN region r ON r.region_id = c.region_id WHERE c.income_band = 'high'
