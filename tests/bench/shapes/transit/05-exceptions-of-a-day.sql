-- transit
SELECT e.service_id, COUNT(*) FROM calendar_dates e JOIN trips t ON t.service_id = e.service_id WHERE e.day = 20261107 AND e.exception_type = 2 GROUP BY e.service_id
