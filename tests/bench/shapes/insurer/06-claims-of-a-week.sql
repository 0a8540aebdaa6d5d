-- insurer
SELECT claim_id, reported, status, reserve FROM claim WHERE reported >= '2024-03-04T00:00:00Z' AND reported < '2024-03-11T00:00:00Z'
