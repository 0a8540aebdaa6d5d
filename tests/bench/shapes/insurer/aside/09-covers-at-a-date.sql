-- insurer
SELECT m.policy_no, c.sum_insured FROM (SELECT policy_no, MAX(valid_from) AS last FROM cover WHERE valid_from <= '2021-06-30' GROUP BY policy_no) m JOIN policy p ON p.policy_no = m.policy_no JOIN cover c ON c.policy_no = m.policy_no AND c.valid_from = m.last WHERE p.product = 'R6'
