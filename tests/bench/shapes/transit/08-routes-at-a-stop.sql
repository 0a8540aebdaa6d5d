-- transit
SELECT DISTINCT t.route_id FROM stop_times x JOIN trips t ON t.trip_id = x.trip_id WHERE x.stop_id = 'Q333'
