-- telecom
WITH RECURSIVE u(c, id) AS (SELECT customer_id, area_id FROM customer WHERE name = 'Bora Sand 242' UNION SELECT u.c, a.parent FROM u JOIN area a ON a.area_id = u.id WHERE a.parent IS NOT NULL) SELECT u.c, a.name FROM u JOIN area a ON a.area_id = u.id
