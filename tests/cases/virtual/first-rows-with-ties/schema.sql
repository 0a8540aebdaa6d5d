CREATE TABLE payout (claim INTEGER NOT NULL, seq INTEGER NOT NULL, amount NUMERIC(8, 2), PRIMARY KEY (claim, seq));
INSERT INTO payout VALUES (1, 1, 5), (9, 1, 7), (10, 1, 7), (10, 2, 7), (2, 1, 7), (3, 1, 9), (4, 1, NULL), (5, 1, NULL);
