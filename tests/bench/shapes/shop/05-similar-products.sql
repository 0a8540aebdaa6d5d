-- shop
SELECT DISTINCT p.nr, p.label FROM product o JOIN featureofproduct g ON g.product = o.nr JOIN featureofproduct f ON f.feature = g.feature JOIN product p ON p.nr = f.product WHERE o.nr = 815 AND p.nr <> 815 AND p.num1 < o.num1 AND p.num2 > o.num2 ORDER BY p.label LIMIT 5
