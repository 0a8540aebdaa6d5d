CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN amount AS numeric(10,2);
CREATE TABLE t(id integer PRIMARY KEY, bo boolean NOT NULL, oi oid, u uuid, en mood, am amount, big bigint, mo money, c "char", iv interval);
INSERT INTO t VALUES (1, true, 4294967295, '123e4567-e89b-12d3-a456-426655440000', 'sad', 2.50, 9223372036854775807, 12.5, 'x', '1 day'), (2, false, 1, NULL, 'ok', 0, -1, NULL, NULL, NULL);
