-- product
SELECT h.holding_id, h.balance, p.name FROM holding h JOIN product p ON p.product_id = h.product_id WHERE h.customer_id = 77
