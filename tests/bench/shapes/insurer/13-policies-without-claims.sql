-- insurer
SELECT p.policy_no, p.premium FROM policy p WHERE p.product = 'R3' AND NOT EXISTS (SELECT 1 FROM claim k WHERE k.policy_no = p.policy_no)
