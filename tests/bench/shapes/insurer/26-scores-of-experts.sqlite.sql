-- insurer
SELECT expert, COUNT(*), AVG(CAST(score AS INTEGER)) FROM visit WHERE score IS NOT NULL AND visited >= '2025-01-01' GROUP BY expert HAVING AVG(CAST(score AS INTEGER)) > 50
