-- transit
SELECT shape_id, lat, lon FROM shapes WHERE lat > 40.9
