-- telecom
SELECT c.valid_from, t.label, t.monthly, c.discount FROM contract c JOIN tariff t ON t.code = c.tariff WHERE c.msisdn = '4740000111'
