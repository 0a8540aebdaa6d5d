-- telecom
SELECT e.element_id, e.kind, k.label FROM element e JOIN kind k ON k.code = e.kind WHERE e.area_id = 90 AND e.installed >= '2010-01-01'
