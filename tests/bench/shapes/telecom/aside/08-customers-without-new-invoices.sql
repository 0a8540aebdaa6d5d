-- telecom
SELECT c.segment, COUNT(*) FROM customer c WHERE NOT EXISTS (SELECT 1 FROM invoice v WHERE v.customer_id = c.customer_id AND v.issued >= '2025-01-01') GROUP BY c.segment
