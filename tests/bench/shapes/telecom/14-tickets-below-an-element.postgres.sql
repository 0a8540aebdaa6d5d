-- telecom
WITH RECURSIVE b(id) AS (SELECT element_id FROM element WHERE upstream = 9 UNION SELECT e.element_id FROM element e JOIN b ON e.upstream = b.id) SELECT x.state, COUNT(*) FROM b JOIN ticket x ON x.element_id = b.id GROUP BY x.state
