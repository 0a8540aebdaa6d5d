-- telecom
SELECT a.name, t.label, COUNT(*) FROM contract x JOIN tariff t ON t.code = x.tariff JOIN line l ON l.msisdn = x.msisdn JOIN customer c ON c.customer_id = l.customer_id JOIN area a ON a.area_id = c.area_id WHERE a.parent = 20 GROUP BY a.name, t.label
