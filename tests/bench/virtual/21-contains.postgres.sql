-- product
SELECT COUNT(*) FROM customer WHERE position('son' in lower(email)) > 0
