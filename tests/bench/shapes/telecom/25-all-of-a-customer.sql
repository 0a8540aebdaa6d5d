-- telecom
WITH c AS MATERIALIZED (SELECT customer_id AS id FROM customer WHERE area_id = 90) SELECT COUNT(*), COUNT(DISTINCT id) FROM (SELECT c.id FROM c JOIN line x ON x.customer_id = c.id UNION ALL SELECT c.id FROM c JOIN invoice x ON x.customer_id = c.id UNION ALL SELECT c.id FROM c JOIN ticket x ON x.customer_id = c.id) u
