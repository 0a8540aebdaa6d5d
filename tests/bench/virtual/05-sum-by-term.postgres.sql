-- product
SELECT p.term, SUM(h.balance) FROM holding h JOIN product p ON p.product_id = h.product_id GROUP BY p.term
