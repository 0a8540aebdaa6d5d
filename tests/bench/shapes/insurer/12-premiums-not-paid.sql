-- insurer
SELECT policy_no, due FROM premium a WHERE due >= '2024-06-01' AND due < '2024-09-01' AND NOT EXISTS (SELECT 1 FROM premium b WHERE b.policy_no = a.policy_no AND b.due = a.due AND b.paid_at IS NOT NULL)
