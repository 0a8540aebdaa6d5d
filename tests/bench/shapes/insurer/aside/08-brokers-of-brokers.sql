-- insurer
SELECT r.from_party, s.to_party, c.name FROM relation r JOIN relation s ON s.from_party = r.to_party JOIN party c ON c.party_id = s.to_party WHERE r.kind = 'brokerOf' AND s.kind = 'brokerOf' AND c.kind = 'C'
