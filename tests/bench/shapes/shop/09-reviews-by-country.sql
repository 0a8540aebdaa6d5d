-- shop
SELECT w.country, COUNT(*), SUM(r.rating1) FROM review r JOIN person w ON w.nr = r.person WHERE r.rating1 IS NOT NULL GROUP BY w.country
