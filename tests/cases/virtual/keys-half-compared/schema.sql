CREATE TABLE plan (line TEXT NOT NULL, no INTEGER NOT NULL, name TEXT, PRIMARY KEY (line, no));
CREATE TABLE kind (code TEXT NOT NULL PRIMARY KEY);
CREATE TABLE holding (id INTEGER NOT NULL PRIMARY KEY, line TEXT, no INTEGER, kind TEXT REFERENCES kind (code),
  FOREIGN KEY (line, no) REFERENCES plan (line, no));
INSERT INTO plan VALUES ('a', 1, 'one'), ('b', 1, 'other');
INSERT INTO kind VALUES ('k');
INSERT INTO holding VALUES (1, 'a', 1, 'k'), (2, 'z', NULL, 'k'), (3, NULL, 1, NULL), (4, 'b', 1, NULL);
CREATE TABLE shelf ("row" TEXT NOT NULL UNIQUE, no INTEGER NOT NULL, PRIMARY KEY ("row", no));
CREATE TABLE book (id INTEGER NOT NULL PRIMARY KEY, "row" TEXT, no INTEGER, FOREIGN KEY ("row", no) REFERENCES shelf ("row", no));
INSERT INTO shelf VALUES ('a', 1), ('b', 2);
INSERT INTO book VALUES (1, 'a', 1), (2, 'z', NULL), (3, NULL, 1), (4, 'b', 2);
