-- product
SELECT h.holding_id, h.balance - p.annual_fee FROM holding h JOIN product p ON p.product_id = h.product_id WHERE h.balance > 20000
