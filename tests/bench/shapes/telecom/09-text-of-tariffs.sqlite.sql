-- telecom
SELECT t.label, x.channel, COUNT(*) FROM tariff t JOIN contract x ON x.tariff = t.code WHERE instr(lower(t.label), 'fibre') > 0 GROUP BY t.label, x.channel
