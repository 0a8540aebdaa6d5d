-- insurer
SELECT k.claim_id, k.status FROM claim_attribute a JOIN claim_attribute b ON b.claim_id = a.claim_id JOIN claim k ON k.claim_id = a.claim_id WHERE a.name = 'vehicle' AND a.value = 'v3' AND b.name = 'fault' AND b.value = 'v1'
