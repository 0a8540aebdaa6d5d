-- transaction
SELECT 'card-' || txn_id, amount, booked_at FROM card_txn WHERE account_id = 31 AND booked_at >= '2026-06-01T00:00:00Z' AND booked_at < '2026-09-01T00:00:00Z'
