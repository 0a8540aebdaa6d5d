-- transit
SELECT t.route_id, MAX(x.departure), MIN(x.departure) FROM stop_times x JOIN trips t ON t.trip_id = x.trip_id GROUP BY t.route_id
