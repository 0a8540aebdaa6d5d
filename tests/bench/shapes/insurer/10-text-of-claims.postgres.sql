-- insurer
SELECT k.claim_id, x.paid_on, x.amount FROM claim k JOIN payout x ON x.claim_id = k.claim_id WHERE position('desk 77' in lower(k.story)) > 0
