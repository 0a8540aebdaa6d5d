-- telecom
SELECT msisdn, day FROM roaming WHERE country = 'IT' AND day >= '2025-06-01' AND day < '2025-07-01' AND billed IS NULL
