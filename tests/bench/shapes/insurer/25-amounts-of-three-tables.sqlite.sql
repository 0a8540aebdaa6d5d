-- insurer
SELECT COUNT(*), MAX(a) FROM (SELECT a FROM (SELECT DISTINCT policy_no, due, amount AS a FROM premium WHERE amount > 500) UNION ALL SELECT amount FROM payout WHERE amount > 500 UNION ALL SELECT CAST(cost AS REAL) FROM visit WHERE CAST(cost AS REAL) > 500)
