CREATE TABLE t (id integer NOT NULL PRIMARY KEY, d double precision NOT NULL);
INSERT INTO t VALUES (1, '-0'), (2, 0.0), (3, 1.0);
