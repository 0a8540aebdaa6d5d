-- telecom
SELECT c.customer_id, u.d FROM (SELECT msisdn, day AS d FROM roaming WHERE day >= '2025-08-01' AND day < '2025-08-04' UNION ALL SELECT msisdn, throttled FROM usage WHERE throttled >= '2025-08-01' AND throttled < '2025-08-04') u JOIN line l ON l.msisdn = u.msisdn JOIN customer c ON c.customer_id = l.customer_id WHERE c.segment = 'business'
