-- insurer
SELECT cause, SUM(CASE WHEN status = 'rejected' THEN 1 ELSE 0 END) * 1.0 / COUNT(*) FROM claim GROUP BY cause
