-- insurer
SELECT policy_no, holder, product, started, premium FROM policy WHERE premium > 1900
