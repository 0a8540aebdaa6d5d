-- transaction
SELECT channel, COUNT(*), printf('%.2f', SUM(CAST(ROUND(amount * 100) AS INTEGER)) / 100.0) FROM card_txn WHERE channel IS NOT NULL GROUP BY channel
