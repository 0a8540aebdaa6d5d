-- insurer
WITH RECURSIVE b(code) AS (SELECT 'C3' UNION SELECT c.code FROM cause c JOIN b ON c.parent = b.code) SELECT k.status, COUNT(*), printf('%.2f', SUM(CAST(ROUND(k.reserve * 100) AS INTEGER)) / 100.0) FROM b JOIN claim k ON k.cause = b.code GROUP BY k.status
