-- transit
SELECT DISTINCT r.short_name FROM trips t JOIN routes r ON r.route_id = t.route_id JOIN service s ON s.service_id = t.service_id WHERE s.monday = 1 AND s.start_day < 20260003
