-- telecom
SELECT c.valid_from, t.label, CAST(t.monthly AS NUMERIC), c.discount FROM contract c JOIN tariff t ON t.code = c.tariff WHERE c.msisdn = '4740000111'
