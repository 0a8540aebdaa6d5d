-- product
SELECT customer_id FROM customer c WHERE EXISTS (SELECT 1 FROM holding h WHERE h.customer_id = c.customer_id AND h.closed_on IS NOT NULL)
