-- transit
WITH RECURSIVE b(id) AS (SELECT stop_id FROM stops WHERE parent_station = 'Q5' UNION SELECT s.stop_id FROM stops s JOIN b ON s.parent_station = b.id) SELECT s.stop_id, s.name FROM b JOIN stops s ON s.stop_id = b.id
