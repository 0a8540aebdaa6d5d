-- telecom
SELECT a.area_id, a.name, COUNT(*) AS n FROM ticket x JOIN customer c ON c.customer_id = x.customer_id JOIN area a ON a.area_id = c.area_id GROUP BY a.area_id, a.name ORDER BY n DESC, a.name COLLATE "C" LIMIT 10
