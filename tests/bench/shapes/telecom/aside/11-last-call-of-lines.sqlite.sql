-- telecom
SELECT m.msisdn, m.last, y.seconds FROM (SELECT x.msisdn, MAX(x.at) AS last FROM customer c JOIN line l ON l.customer_id = c.customer_id JOIN call x ON x.msisdn = l.msisdn WHERE c.area_id = 95 GROUP BY x.msisdn) m JOIN call y ON y.msisdn = m.msisdn AND y.at = m.last
