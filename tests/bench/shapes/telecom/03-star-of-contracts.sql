-- telecom
SELECT msisdn, valid_from, tariff, discount FROM contract WHERE channel = 'dealer' AND valid_from >= '2025-01-01' AND discount IS NOT NULL
