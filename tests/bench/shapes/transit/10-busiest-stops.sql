-- transit
SELECT stop_id, COUNT(*) AS n FROM stop_times WHERE departure > 25000 AND departure < 30000 GROUP BY stop_id ORDER BY n DESC, 'stop/' || stop_id LIMIT 10
