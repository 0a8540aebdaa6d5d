-- insurer
SELECT claim_id || '-' || seq, claim_id, amount FROM payout ORDER BY amount DESC, ('payout/' || claim_id || '-' || seq) COLLATE "C" LIMIT 20
