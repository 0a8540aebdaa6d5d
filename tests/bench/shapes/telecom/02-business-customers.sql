-- telecom
SELECT customer_id, name, area_id, since FROM customer WHERE segment = 'business' AND since >= '2020-01-01'
