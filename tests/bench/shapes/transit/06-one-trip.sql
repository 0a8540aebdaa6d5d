-- transit
SELECT x.stop_sequence, x.arrival, s.name FROM stop_times x JOIN stops s ON s.stop_id = x.stop_id WHERE x.trip_id = 'T777' ORDER BY x.stop_sequence
