-- insurer
SELECT expert, COUNT(*), AVG(CAST(score AS bigint)) FROM visit WHERE score IS NOT NULL AND visited >= '2025-01-01' GROUP BY expert HAVING AVG(CAST(score AS bigint)) > 50
