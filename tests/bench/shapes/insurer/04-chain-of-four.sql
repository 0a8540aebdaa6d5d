-- insurer
SELECT l.label, COUNT(*) FROM claim k JOIN policy p ON p.policy_no = k.policy_no JOIN party h ON h.party_id = p.holder JOIN product r ON r.code = p.product JOIN line l ON l.code = r.line WHERE h.city = 'Horten' GROUP BY l.label
