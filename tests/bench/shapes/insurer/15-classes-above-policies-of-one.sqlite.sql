-- insurer
WITH RECURSIVE u(p, code) AS (SELECT policy_no, line FROM policy WHERE holder = 471 UNION SELECT u.p, l.parent FROM u JOIN line l ON l.code = u.code WHERE l.parent IS NOT NULL) SELECT p, code FROM u UNION ALL SELECT policy_no, 'ns#Policy' FROM policy WHERE holder = 471
