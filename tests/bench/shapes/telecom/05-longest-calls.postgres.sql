-- telecom
SELECT call_no, msisdn, CAST(seconds AS bigint) FROM call ORDER BY CAST(seconds AS bigint) DESC, ('call/' || call_no) COLLATE "C" LIMIT 25
