-- transit
SELECT r.route_id, r.short_name, r.long_name, a.name FROM routes r JOIN agency a ON a.agency_id = r.agency_id
