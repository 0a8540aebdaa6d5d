-- insurer
SELECT k.claim_id, k.status, (SELECT MAX(paid_on) FROM payout x WHERE x.claim_id = k.claim_id) FROM policy p JOIN claim k ON k.policy_no = p.policy_no WHERE p.holder = 472
