-- telecom
SELECT f.value, SUM(CASE WHEN x.dropped = 1 THEN 1 ELSE 0 END) * 1.0 / COUNT(*) FROM call x JOIN element_fact f ON f.element_id = x.cell WHERE f.name = 'vendor' GROUP BY f.value
