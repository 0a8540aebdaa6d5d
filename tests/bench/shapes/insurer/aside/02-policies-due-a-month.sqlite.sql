-- insurer
SELECT CAST(substr(due, 1, 4) AS INTEGER), CAST(substr(due, 6, 2) AS INTEGER), COUNT(DISTINCT policy_no) FROM premium WHERE due >= '2023-01-01' GROUP BY 1, 2
