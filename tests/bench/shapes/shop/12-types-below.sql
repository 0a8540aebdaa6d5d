-- shop
WITH RECURSIVE b(nr) AS (SELECT nr FROM producttype WHERE parent = 2 UNION SELECT t.nr FROM producttype t JOIN b ON t.parent = b.nr) SELECT t.nr, t.label FROM b JOIN producttype t ON t.nr = b.nr
