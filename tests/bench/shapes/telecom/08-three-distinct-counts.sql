-- telecom
SELECT x.item, COUNT(DISTINCT x.msisdn), COUNT(DISTINCT x.invoice_id), COUNT(DISTINCT v.customer_id) FROM invoice_line x JOIN invoice v ON v.invoice_id = x.invoice_id WHERE v.issued >= '2025-07-01' GROUP BY x.item
