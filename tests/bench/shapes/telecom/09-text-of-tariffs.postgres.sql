-- telecom
SELECT t.label, x.channel, COUNT(*) FROM tariff t JOIN contract x ON x.tariff = t.code WHERE position('fibre' in lower(t.label)) > 0 GROUP BY t.label, x.channel
