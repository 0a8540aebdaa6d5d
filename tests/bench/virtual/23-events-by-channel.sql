-- engagement
SELECT channel, kind, COUNT(*) FROM event GROUP BY channel, kind
