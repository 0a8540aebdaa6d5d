-- insurer
SELECT c.label, a.city, COUNT(*) FROM claim k JOIN cause c ON c.code = k.cause JOIN policy p ON p.policy_no = k.policy_no JOIN party a ON a.party_id = p.agent WHERE k.status = 'rejected' AND a.city IN ('Moss', 'Alta') GROUP BY c.label, a.city
