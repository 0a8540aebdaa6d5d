-- bureau
SELECT delinquencies, COUNT(score), SUM(score) FROM report WHERE score IS NOT NULL GROUP BY delinquencies
