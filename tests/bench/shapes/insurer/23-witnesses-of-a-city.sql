-- insurer
SELECT c.claim_id, c.party_id, k.reported FROM claim_party c JOIN claim k ON k.claim_id = c.claim_id JOIN party p ON p.party_id = c.party_id WHERE c.role = 'witness' AND p.city = 'Moss' AND k.reported >= '2025-01-01T00:00:00Z'
