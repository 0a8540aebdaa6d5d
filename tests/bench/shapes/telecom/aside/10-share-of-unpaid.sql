-- telecom
SELECT c.segment, SUM(CASE WHEN v.paid IS NULL THEN 1 ELSE 0 END) * 1.0 / COUNT(*) FROM invoice v JOIN customer c ON c.customer_id = v.customer_id WHERE v.issued >= '2025-06-01' GROUP BY c.segment
