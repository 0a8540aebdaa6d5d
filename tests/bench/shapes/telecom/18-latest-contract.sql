-- telecom
SELECT c.tariff, COUNT(*) FROM (SELECT msisdn, MAX(valid_from) AS last FROM contract GROUP BY msisdn) m JOIN contract c ON c.msisdn = m.msisdn AND c.valid_from = m.last GROUP BY c.tariff
