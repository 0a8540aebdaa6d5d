-- product
SELECT customer_id, family_name FROM customer WHERE substr(family_name, 1, 2) = 'Mo'
