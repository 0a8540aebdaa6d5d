-- insurer
SELECT claim_id, visited FROM visit WHERE expert = 'E7' AND score IS NULL
