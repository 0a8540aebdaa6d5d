-- product
SELECT given_name, family_name, email FROM customer WHERE customer_id = 42
