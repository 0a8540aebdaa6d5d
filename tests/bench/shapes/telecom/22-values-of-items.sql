-- telecom
SELECT x.item, c.segment, COUNT(*) FROM invoice_line x JOIN line l ON l.msisdn = x.msisdn JOIN customer c ON c.customer_id = l.customer_id WHERE (x.item = 'roam' AND c.segment = 'business') OR (x.item = 'device' AND c.segment = 'young') GROUP BY x.item, c.segment
