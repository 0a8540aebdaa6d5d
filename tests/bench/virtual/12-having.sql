-- transaction
SELECT customer_id, COUNT(*) FROM account GROUP BY customer_id HAVING COUNT(*) > 1
