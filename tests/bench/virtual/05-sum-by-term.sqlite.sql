-- product
SELECT p.term, printf('%.2f', SUM(CAST(ROUND(h.balance * 100) AS INTEGER)) / 100.0) FROM holding h JOIN product p ON p.product_id = h.product_id GROUP BY p.term
