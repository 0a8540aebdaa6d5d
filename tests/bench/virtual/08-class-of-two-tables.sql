-- transaction
SELECT (SELECT COUNT(*) FROM card_txn) + (SELECT COUNT(*) FROM transfer)
