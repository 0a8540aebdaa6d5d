-- transit
SELECT r.short_name, COUNT(*) FROM trips t JOIN routes r ON r.route_id = t.route_id WHERE r.route_type = 3 GROUP BY r.short_name
