-- insurer
SELECT k.reported, k.status, c.label, p.premium, h.name FROM claim k JOIN cause c ON c.code = k.cause JOIN policy p ON p.policy_no = k.policy_no JOIN party h ON h.party_id = p.holder WHERE k.claim_id = 777
