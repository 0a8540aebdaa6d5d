-- telecom
SELECT CAST(substr(x.at, 6, 2) AS INTEGER), SUM(CAST(x.seconds AS INTEGER)), COUNT(DISTINCT x.cell) FROM call x JOIN element_fact f ON f.element_id = x.cell WHERE f.name = 'band' AND f.value = 'x4' GROUP BY 1
