-- telecom
SELECT f.element_id, f.value, x.state FROM element_fact f JOIN ticket x ON x.element_id = f.element_id WHERE f.name = 'firmware' AND instr(lower(f.value), 'x7') > 0 AND x.opened >= '2025-06-01T00:00:00Z'
