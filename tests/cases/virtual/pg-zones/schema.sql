SET timezone = 'UTC';
CREATE TABLE visit (id integer PRIMARY KEY, opened timestamptz NOT NULL, closed timestamp NOT NULL);
INSERT INTO visit VALUES (1, '2026-01-01 10:00:00Z', '2026-01-01 12:00:00'), (2, '2026-01-01 10:00:00Z', '2026-01-03 12:00:00'),
  (3, '2026-01-05 10:00:00Z', '2026-01-01 12:00:00'), (4, '2026-01-01 10:00:00Z', '2026-01-01 10:00:00');
