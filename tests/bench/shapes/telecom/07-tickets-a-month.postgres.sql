-- telecom
SELECT EXTRACT(YEAR FROM opened), EXTRACT(MONTH FROM opened), state, COUNT(*) FROM ticket GROUP BY 1, 2, 3
