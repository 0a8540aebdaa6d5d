-- telecom
SELECT x.ticket_id, c.name, a.name FROM ticket x JOIN customer c ON c.customer_id = x.customer_id JOIN area a ON a.area_id = c.area_id WHERE position('near mast 77' in lower(x.body)) > 0
