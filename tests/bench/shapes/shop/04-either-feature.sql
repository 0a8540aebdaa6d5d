-- shop
SELECT DISTINCT p.nr, p.label FROM product p JOIN featureofproduct f ON f.product = p.nr WHERE f.feature IN (7, 8) AND p.num2 < 1500
