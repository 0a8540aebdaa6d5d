-- product
SELECT customer_id FROM customer c WHERE income_band = 'low' AND NOT EXISTS (SELECT 1 FROM holding h WHERE h.customer_id = c.customer_id AND h.closed_on IS NOT NULL)
