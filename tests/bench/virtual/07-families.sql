-- product
SELECT h.holding_id FROM holding h JOIN product p ON p.product_id = h.product_id WHERE p.category_id IN (3, 4)
