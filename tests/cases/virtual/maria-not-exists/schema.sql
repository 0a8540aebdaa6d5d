CREATE TABLE k(code VARCHAR(10) PRIMARY KEY, v INT) COLLATE utf8mb4_general_ci;
INSERT INTO k VALUES ('Ab', 1), ('ss', 3), ('ß', 4);
CREATE TABLE r(id INT PRIMARY KEY, code VARCHAR(10)) COLLATE utf8mb4_general_ci;
INSERT INTO r VALUES (1, 'aB'), (2, 'Ab'), (3, 'ab '), (4, 'äb'), (5, 'ß'), (6, 's');
