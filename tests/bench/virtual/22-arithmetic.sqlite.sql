-- product
SELECT h.holding_id, ROUND(h.balance - p.annual_fee, 2) FROM holding h JOIN product p ON p.product_id = h.product_id WHERE h.balance > 20000
