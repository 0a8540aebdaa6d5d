-- telecom
WITH RECURSIVE u(x, code) AS (SELECT x.ticket_id, e.kind FROM customer c JOIN ticket x ON x.customer_id = c.customer_id JOIN element e ON e.element_id = x.element_id WHERE c.area_id = 111 AND c.segment = 'young' UNION SELECT u.x, k.parent FROM u JOIN kind k ON k.code = u.code WHERE k.parent IS NOT NULL) SELECT x, code FROM u
