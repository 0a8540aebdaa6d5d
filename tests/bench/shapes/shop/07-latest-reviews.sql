-- shop
SELECT r.title, w.name, r.rating1, r.rating2 FROM review r JOIN person w ON w.nr = r.person WHERE r.product = 42 ORDER BY r.day DESC, r.title LIMIT 20
