CREATE TABLE page (id INTEGER PRIMARY KEY, url VARCHAR(40) NOT NULL);
CREATE TABLE link (id INTEGER PRIMARY KEY, target VARCHAR(40) NOT NULL);
INSERT INTO page VALUES (1, 'one'), (2, 'http://e/two'), (3, 'http://y/three');
INSERT INTO link VALUES (11, 'http://e/one'), (12, 'two'), (13, 'http://y/three'), (14, 'four');
