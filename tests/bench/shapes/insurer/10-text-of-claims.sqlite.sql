-- insurer
SELECT k.claim_id, x.paid_on, x.amount FROM claim k JOIN payout x ON x.claim_id = k.claim_id WHERE instr(lower(k.story), 'desk 77') > 0
