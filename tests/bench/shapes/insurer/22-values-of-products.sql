-- insurer
SELECT p.product, r.line, COUNT(*) FROM policy p JOIN product r ON r.code = p.product WHERE p.product IN ('R2', 'R5', 'R9', 'R14') AND p.premium < 300 GROUP BY p.product, r.line
