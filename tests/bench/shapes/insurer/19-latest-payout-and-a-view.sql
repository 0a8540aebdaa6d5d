-- insurer
SELECT m.claim_id, t.payments, m.last, x.amount FROM (SELECT claim_id, MAX(paid_on) AS last FROM payout GROUP BY claim_id) m JOIN payout x ON x.claim_id = m.claim_id AND x.paid_on = m.last JOIN claim_total t ON t.claim_id = m.claim_id WHERE t.payments >= 4
