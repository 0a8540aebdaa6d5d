-- insurer
SELECT l.label, SUM(CASE WHEN k.reserve > 30000 THEN 1 ELSE 0 END) * 1.0 / COUNT(*) FROM claim k JOIN policy p ON p.policy_no = k.policy_no JOIN product r ON r.code = p.product JOIN line l ON l.code = r.line GROUP BY l.label HAVING COUNT(*) > 10
