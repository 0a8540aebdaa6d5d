-- telecom
SELECT t.label, t.monthly, COUNT(*) FROM tariff t JOIN contract x ON x.tariff = t.code WHERE CAST(t.monthly AS REAL) > 40 AND CAST(t.gigabytes AS INTEGER) >= 50 AND x.valid_from >= '2024-01-01' GROUP BY t.label, t.monthly
