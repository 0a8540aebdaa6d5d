-- transaction
SELECT 'card-' || t.txn_id, t.amount FROM account a JOIN card_txn t ON t.account_id = a.account_id WHERE a.customer_id = 55 UNION ALL SELECT 'transfer-' || t.transfer_id, t.amount FROM account a JOIN transfer t ON t.account_id = a.account_id WHERE a.customer_id = 55
