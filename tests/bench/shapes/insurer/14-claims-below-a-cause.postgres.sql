-- insurer
WITH RECURSIVE b(code) AS (SELECT 'C3'::text UNION SELECT c.code FROM cause c JOIN b ON c.parent = b.code) SELECT k.status, COUNT(*), SUM(k.reserve) FROM b JOIN claim k ON k.cause = b.code GROUP BY k.status
