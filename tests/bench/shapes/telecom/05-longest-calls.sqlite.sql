-- telecom
SELECT call_no, msisdn, seconds FROM call ORDER BY CAST(seconds AS INTEGER) DESC, 'call/' || call_no LIMIT 25
