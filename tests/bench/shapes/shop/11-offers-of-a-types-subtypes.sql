-- shop
SELECT COUNT(*) FROM producttype t JOIN typeofproduct x ON x.type = t.nr JOIN offer o ON o.product = x.product WHERE t.parent = 20
