-- insurer
SELECT h.name, c.sum_insured, c.valid_from FROM cover c JOIN policy p ON p.policy_no = c.policy_no JOIN party h ON h.party_id = p.holder WHERE h.city = 'Hamar' ORDER BY c.sum_insured DESC, c.valid_from, h.name LIMIT 10
