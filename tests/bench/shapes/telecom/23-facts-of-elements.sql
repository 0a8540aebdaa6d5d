-- telecom
SELECT e.element_id, o.value, e.area_id FROM element_fact v JOIN element_fact b ON b.element_id = v.element_id JOIN element_fact o ON o.element_id = v.element_id JOIN element e ON e.element_id = v.element_id WHERE v.name = 'vendor' AND v.value = 'x7' AND b.name = 'band' AND b.value = 'x3' AND o.name = 'owner'
