-- telecom
WITH RECURSIVE b(id) AS (SELECT 7 UNION SELECT a.area_id FROM area a JOIN b ON a.parent = b.id) SELECT x.state, COUNT(*) FROM b JOIN element e ON e.area_id = b.id JOIN ticket x ON x.element_id = e.element_id GROUP BY x.state
