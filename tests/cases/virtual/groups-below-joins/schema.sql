CREATE TABLE product (code VARCHAR(5) NOT NULL PRIMARY KEY, label VARCHAR(20) NOT NULL);
CREATE TABLE policy (id INTEGER NOT NULL PRIMARY KEY, product VARCHAR(5) REFERENCES product (code), channel VARCHAR(5) NOT NULL, premium NUMERIC(8, 2) NOT NULL, units INTEGER);
INSERT INTO product VALUES ('a', 'Onyx one'), ('b', 'onyx two'), ('c', 'other'), ('d', 'Onyx one');
INSERT INTO policy VALUES (1, 'a', 'web', 1.5, 1), (2, 'a', 'web', 2.5, NULL), (3, 'a', 'shop', 3, 5), (4, 'b', 'web', 4, 2), (5, 'c', 'web', 5, 3), (6, 'd', 'web', 6, 1), (7, NULL, 'web', 7, 1);
INSERT INTO policy SELECT n, 'c', 'web', 1, 1 FROM (WITH RECURSIVE s(n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM s WHERE n < 400) SELECT n FROM s) AS t; ANALYZE;
