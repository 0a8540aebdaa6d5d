CREATE TABLE m(id integer PRIMARY KEY, v numeric, w numeric(8,2), d double precision);
INSERT INTO m VALUES (1, 'NaN', 'NaN', 'NaN'), (2, 2.5, 2.5, 2.5), (3, 'Infinity', 1, 'Infinity'), (4, -1, -1, '-Infinity'), (5, '-Infinity', 7, 7);
