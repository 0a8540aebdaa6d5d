-- product
SELECT COUNT(*) FROM customer WHERE instr(lower(email), 'son') > 0
