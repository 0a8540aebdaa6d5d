-- insurer
SELECT m.policy_no, m.last, c.sum_insured FROM (SELECT policy_no, MAX(valid_from) AS last FROM cover GROUP BY policy_no) m JOIN cover c ON c.policy_no = m.policy_no AND c.valid_from = m.last WHERE c.sum_insured > 980000
