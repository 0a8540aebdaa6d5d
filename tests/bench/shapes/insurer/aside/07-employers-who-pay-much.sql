-- insurer
SELECT r.from_party, r.to_party, p.premium FROM relation r JOIN party b ON b.party_id = r.to_party JOIN policy p ON p.holder = r.from_party WHERE r.kind = 'employerOf' AND b.city = 'Moss' AND p.premium > 900
