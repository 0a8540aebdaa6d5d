-- telecom
SELECT EXTRACT(MONTH FROM x.at), SUM(CAST(x.seconds AS bigint)), COUNT(DISTINCT x.cell) FROM call x JOIN element_fact f ON f.element_id = x.cell WHERE f.name = 'band' AND f.value = 'x4' GROUP BY 1
