-- telecom
SELECT c.name, c.segment, l.msisdn, l.opened FROM customer c JOIN line l ON l.customer_id = c.customer_id WHERE c.customer_id = 242
