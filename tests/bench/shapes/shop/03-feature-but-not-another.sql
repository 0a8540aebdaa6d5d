-- shop
SELECT p.nr, p.label FROM product p JOIN featureofproduct f ON f.product = p.nr WHERE f.feature = 17 AND p.num1 > 50 AND NOT EXISTS (SELECT 1 FROM featureofproduct g WHERE g.product = p.nr AND g.feature = 99)
