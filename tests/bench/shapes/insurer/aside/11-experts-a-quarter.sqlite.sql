-- insurer
SELECT CAST(substr(visited, 1, 4) AS INTEGER), CAST(substr(visited, 6, 2) AS INTEGER), COUNT(DISTINCT expert), COUNT(DISTINCT claim_id), printf('%.2f', SUM(CAST(ROUND(cost * 100) AS INTEGER)) / 100.0) FROM visit WHERE visited >= '2024-01-01' AND visited < '2024-07-01' GROUP BY 1, 2
