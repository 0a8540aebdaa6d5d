-- insurer
SELECT policy_no, line FROM policy WHERE agent = 3 UNION ALL SELECT policy_no, 'ns#Policy' FROM policy WHERE agent = 3
