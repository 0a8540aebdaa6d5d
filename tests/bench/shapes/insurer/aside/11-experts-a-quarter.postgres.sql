-- insurer
SELECT EXTRACT(YEAR FROM visited), EXTRACT(MONTH FROM visited), COUNT(DISTINCT expert), COUNT(DISTINCT claim_id), SUM(CAST(cost AS numeric)) FROM visit WHERE visited >= '2024-01-01' AND visited < '2024-07-01' GROUP BY 1, 2
