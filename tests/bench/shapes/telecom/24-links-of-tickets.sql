-- telecom
SELECT k.from_ticket, k.to_ticket, b.opened FROM ticket_link k JOIN ticket a ON a.ticket_id = k.from_ticket JOIN ticket b ON b.ticket_id = k.to_ticket WHERE k.kind = 'repeats' AND a.state = 'new' AND b.state = 'solved' AND b.opened >= '2025-06-01T00:00:00Z'
