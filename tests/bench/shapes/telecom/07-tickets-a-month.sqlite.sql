-- telecom
SELECT CAST(substr(opened, 1, 4) AS INTEGER), CAST(substr(opened, 6, 2) AS INTEGER), state, COUNT(*) FROM ticket GROUP BY 1, 2, 3
