-- transit
SELECT stop_id, name, lat FROM stops WHERE lat > 40.5 AND wheelchair IS NULL
