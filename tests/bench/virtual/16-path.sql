-- product
WITH RECURSIVE up(x, y) AS (SELECT category_id, parent_id FROM category WHERE parent_id IS NOT NULL UNION SELECT up.x, c.parent_id FROM up JOIN category c ON c.category_id = up.y WHERE c.parent_id IS NOT NULL) SELECT x, y FROM up
