-- insurer
SELECT r.label, COUNT(*), printf('%.2f', SUM(CAST(ROUND(p.premium * 100) AS INTEGER)) / 100.0) FROM policy p JOIN product r ON r.code = p.product WHERE instr(lower(r.label), 'onyx') > 0 GROUP BY r.label
