-- telecom
SELECT l.msisdn, l.customer_id FROM line l WHERE l.opened >= '2024-12-01' AND NOT EXISTS (SELECT 1 FROM call x WHERE x.msisdn = l.msisdn)
