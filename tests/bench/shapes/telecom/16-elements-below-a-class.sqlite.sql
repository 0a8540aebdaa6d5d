-- telecom
WITH RECURSIVE b(code) AS (SELECT 'K6' UNION SELECT k.code FROM kind k JOIN b ON k.parent = b.code) SELECT k.label, COUNT(*) FROM b JOIN kind k ON k.code = b.code JOIN element e ON e.kind = b.code WHERE e.installed >= '2015-01-01' GROUP BY k.label
