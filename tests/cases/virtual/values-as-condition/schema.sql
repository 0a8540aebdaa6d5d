CREATE TABLE item (id INTEGER NOT NULL PRIMARY KEY, kind VARCHAR(10) NOT NULL, size INTEGER);
INSERT INTO item VALUES (1, 'a', 1), (2, 'a', 2), (3, 'b', 1), (4, 'b', NULL), (5, '1', 1);
