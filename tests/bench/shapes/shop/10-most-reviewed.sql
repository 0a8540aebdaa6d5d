-- shop
SELECT product, COUNT(*) AS n FROM review WHERE rating1 >= 9 GROUP BY product ORDER BY n DESC, 'https://shop.example/product/' || product LIMIT 10
