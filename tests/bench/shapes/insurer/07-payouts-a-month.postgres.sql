-- insurer
SELECT EXTRACT(YEAR FROM paid_on), EXTRACT(MONTH FROM paid_on), COUNT(*), SUM(amount) FROM payout GROUP BY 1, 2
