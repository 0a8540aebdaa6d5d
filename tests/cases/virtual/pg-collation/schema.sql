CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE item(id integer PRIMARY KEY, code text COLLATE ci NOT NULL UNIQUE, note varchar(10) COLLATE ci);
INSERT INTO item VALUES (1, 'Ab', 'x'), (3, 'cd', 'X');
CREATE TABLE line(id integer PRIMARY KEY, code text COLLATE ci NOT NULL REFERENCES item(code));
INSERT INTO line VALUES (10, 'Ab'), (11, 'aB'), (12, 'CD'), (13, 'cd');
