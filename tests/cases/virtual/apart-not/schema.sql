CREATE TABLE "usage" (line VARCHAR(20) NOT NULL, day DATE NOT NULL, mb INTEGER, PRIMARY KEY (line, day)); CREATE TABLE roaming (line VARCHAR(20) NOT NULL, land VARCHAR(20) NOT NULL, day DATE NOT NULL, billed VARCHAR(5), PRIMARY KEY (line, land, day));
INSERT INTO "usage" VALUES ('axIT', '2025-01-01', 5), ('b', '2025-01-01', 7);
INSERT INTO roaming VALUES ('a', 'IT', '2025-01-01', 'y'), ('b', 'FR', '2025-01-02', NULL), ('a-b', 'c', '2025-01-03', NULL), ('a', 'b-c', '2025-01-04', NULL);
