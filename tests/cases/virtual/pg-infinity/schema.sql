CREATE TABLE c(id integer PRIMARY KEY, valid_to timestamptz, day date, at timestamp);
INSERT INTO c VALUES (1, 'infinity', 'infinity', 'infinity'), (2, '-infinity', '-infinity', '-infinity'), (3, '2024-05-06 07:08:09+00', '2024-05-06', '2024-05-06 07:08:09.25'),
  (4, '294276-12-31 23:59:59+00', '5874897-12-31', '294276-12-31 23:59:59.999999'), (5, '4713-01-01 00:00:00+00 BC', '4713-01-01 BC', '0044-03-15 12:00:00 BC'), (6, '0001-01-01 00:00:00+00', '0001-12-31 BC', '12024-01-01');
