CREATE TABLE product (id INTEGER NOT NULL PRIMARY KEY, label VARCHAR(40) NOT NULL, story VARCHAR(40));
INSERT INTO product VALUES (1, 'ONYX card', 'Kilo'), (2, 'onyx', 'kilo'), (3, 'Onix', NULL), (4, 'Zürich ONYX', 'ÄRGER'), (5, 'plain', 'Kilo');
