-- insurer
SELECT COUNT(*) FROM claim_party c WHERE c.role = 'claimant' AND NOT EXISTS (SELECT 1 FROM policy p WHERE p.holder = c.party_id)
