-- insurer
SELECT CAST(substr(paid_on, 1, 4) AS INTEGER), CAST(substr(paid_on, 6, 2) AS INTEGER), COUNT(*), printf('%.2f', SUM(CAST(ROUND(amount * 100) AS INTEGER)) / 100.0) FROM payout GROUP BY 1, 2
