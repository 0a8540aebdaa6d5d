-- product
SELECT customer_id FROM customer c WHERE NOT EXISTS (SELECT 1 FROM holding h WHERE h.customer_id = c.customer_id)
