-- shop
SELECT o.nr, o.price, v.label FROM offer o JOIN vendor v ON v.nr = o.vendor WHERE o.product = 99 AND v.country = 'DE' AND o.validto > 20260500
