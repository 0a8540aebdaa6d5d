-- telecom
SELECT k.kind, COUNT(*) FROM ticket_link k JOIN ticket y ON y.ticket_id = k.to_ticket JOIN customer c ON c.customer_id = y.customer_id WHERE k.kind IN ('follows', 'blocks') AND y.state = 'waiting' AND c.segment = 'business' GROUP BY k.kind
