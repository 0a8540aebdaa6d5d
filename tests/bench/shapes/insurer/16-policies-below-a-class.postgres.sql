-- insurer
WITH RECURSIVE b(code) AS (SELECT 'L14'::text UNION SELECT l.code FROM line l JOIN b ON l.parent = b.code) SELECT EXTRACT(YEAR FROM p.started), COUNT(*) FROM b JOIN policy p ON p.line = b.code GROUP BY 1
