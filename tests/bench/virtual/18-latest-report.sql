-- bureau
SELECT customer_id, MAX(pulled_on) FROM report GROUP BY customer_id
