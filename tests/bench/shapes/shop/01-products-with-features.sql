-- shop
SELECT p.nr, p.label FROM product p JOIN typeofproduct t ON t.product = p.nr JOIN featureofproduct f ON f.product = p.nr WHERE t.type = 77 AND f.feature = 4 AND p.num1 > 100 ORDER BY p.label LIMIT 10
