-- telecom
SELECT c.customer_id, u.d FROM (SELECT msisdn, valid_from AS d FROM contract WHERE valid_from >= '2025-02-01' AND valid_from < '2025-02-15' UNION ALL SELECT msisdn, closed FROM line WHERE closed >= '2025-02-01' AND closed < '2025-02-15') u JOIN line l ON l.msisdn = u.msisdn JOIN customer c ON c.customer_id = l.customer_id WHERE c.segment = 'public'
