-- insurer
SELECT k.status, COUNT(DISTINCT p.holder), COUNT(DISTINCT p.product), COUNT(DISTINCT k.cause) FROM claim k JOIN policy p ON p.policy_no = k.policy_no GROUP BY k.status
