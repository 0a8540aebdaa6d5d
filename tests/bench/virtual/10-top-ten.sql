-- transaction
SELECT 'card-' || txn_id, amount FROM card_txn ORDER BY amount DESC LIMIT 10
