-- insurer
WITH RECURSIVE b(code) AS (SELECT 'L14' UNION SELECT l.code FROM line l JOIN b ON l.parent = b.code) SELECT CAST(substr(p.started, 1, 4) AS INTEGER), COUNT(*) FROM b JOIN policy p ON p.line = b.code GROUP BY 1
