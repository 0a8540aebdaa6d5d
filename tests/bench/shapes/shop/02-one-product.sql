-- shop
SELECT p.label, p.comment, r.label, p.text1, p.text2, p.num1, p.num3 FROM product p JOIN producer r ON r.nr = p.producer WHERE p.nr = 4711
