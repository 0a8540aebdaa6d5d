-- transaction
SELECT channel, COUNT(*), SUM(amount) FROM card_txn WHERE channel IS NOT NULL GROUP BY channel
