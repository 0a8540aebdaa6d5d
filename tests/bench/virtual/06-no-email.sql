-- product
SELECT customer_id FROM customer WHERE email IS NULL
