-- telecom
SELECT DISTINCT a.msisdn, a.day FROM usage a WHERE a.day >= '2025-03-01' AND a.day < '2025-03-05' AND NOT EXISTS (SELECT 1 FROM usage b WHERE b.msisdn = a.msisdn AND b.day = a.day AND b.throttled IS NOT NULL)
