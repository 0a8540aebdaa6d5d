-- shop
SELECT o.nr, o.price FROM offer o JOIN vendor v ON v.nr = o.vendor WHERE o.product = 7 AND v.country = 'US' AND o.days <= 7 ORDER BY o.price, 'offer/' || o.nr LIMIT 10
