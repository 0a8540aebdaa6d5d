-- telecom
SELECT call_no, cell, at FROM call WHERE at >= '2025-05-06T18:00:00Z' AND at < '2025-05-07T06:00:00Z' AND dropped = 1
