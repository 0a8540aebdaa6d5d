-- transaction
SELECT DISTINCT merchant FROM card_txn WHERE merchant IS NOT NULL
