-- insurer
SELECT r.label, COUNT(*), SUM(p.premium) FROM policy p JOIN product r ON r.code = p.product WHERE position('onyx' in lower(r.label)) > 0 GROUP BY r.label
