-- transit
SELECT COUNT(*) FROM trips WHERE headsign IS NULL
