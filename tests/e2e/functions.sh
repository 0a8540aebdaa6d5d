#!/bin/sh
# SPARQL's functions and operators, one expression a line: EXPRESSION => the term in TSV; "error" is an
# unbound result (sections 17.3 to 17.5 of SPARQL 1.1).
. "${STOA_SRC:?}/tests/support/lib.sh"
printf '<http://x/s> <http://x/p> "v" .\n' > "$T/d.nt"
while IFS= read -r line; do
  case $line in ''|'#'*) continue ;; esac
  expr=${line%% => *}; want=${line##* => }; [ "$want" != error ] || want=
  got=$("$STOA" query --data "$T/d.nt" --format tsv -e "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> SELECT ($expr AS ?x) { ?s ?p ?o }" 2>&1 | sed 1d | sed 's/\^\^<http:\/\/www.w3.org\/2001\/XMLSchema#\([a-zA-Z]*\)>/^^\1/')
  is "$expr" "$got" "$want"
done <<'CASES'
STRLEN("héllo") => 5
SUBSTR("foobar", 4) => "bar"
SUBSTR("foobar", 4, 1) => "b"
SUBSTR("héllo"@en, 2, 2) => "él"@en
SUBSTR("foobar", 0, 3) => "fo"
UCASE("straße é") => "STRASSE É"
LCASE("ÀÉΩЖ"@de) => "àéωж"@de
STRSTARTS("foobar", "foo") => "true"^^boolean
STRENDS("foobar"@en, "bar") => "true"^^boolean
CONTAINS("foobar", "oba"@en) => error
CONTAINS("foobar"@en, "oba"@en) => "true"^^boolean
STRBEFORE("abc", "b") => "a"
STRBEFORE("abc", "x") => ""
STRAFTER("abc"@en, "b") => "c"@en
CONCAT("a", "b", "c") => "abc"
CONCAT("a"@en, "b"@en) => "ab"@en
CONCAT("a"@en, "b") => "ab"
CONCAT("a", 1) => error
ENCODE_FOR_URI("Los Angeles é") => "Los%20Angeles%20%C3%A9"
REGEX("Alice", "^ali", "i") => "true"^^boolean
REGEX("Alice", "^ali") => "false"^^boolean
REGEX("a", "(") => error
REPLACE("abcd", "b", "Z") => "aZcd"
REPLACE("abab", "(a)(b)", "$2$1") => "baba"
REPLACE("A.B", ".", "-", "q") => "A-B"
ABS(-1.5) => "1.5"^^decimal
CEIL(1.2) => "2"^^decimal
CEIL(-1.2) => "-1"^^decimal
FLOOR(-1.2) => "-2"^^decimal
ROUND(2.5) => "3"^^decimal
ROUND(-2.5) => "-2"^^decimal
ROUND(2.5e0) => 3.0E0
YEAR("2011-01-10T14:45:13.815-05:00"^^xsd:dateTime) => 2011
HOURS("2011-01-10T14:45:13.815-05:00"^^xsd:dateTime) => 14
SECONDS("2011-01-10T14:45:13.815-05:00"^^xsd:dateTime) => "13.815"^^decimal
TZ("2011-01-10T14:45:13-05:00"^^xsd:dateTime) => "-05:00"
TZ("2011-01-10T14:45:13"^^xsd:dateTime) => ""
MONTH("2011-12-10"^^xsd:date) => 12
STR(<http://x/y>) => "http://x/y"
LANG("a"@EN) => "EN"
"a"@EN = "a"@en => "true"^^boolean
SAMETERM("a"@EN, "a"@en) => "true"^^boolean
MD5("abc") => "900150983cd24fb0d6963f7d28e17f72"
SHA1("abc") => "a9993e364706816aba3e25717850c26c9cd0d89d"
SHA256("abc") => "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
STRLEN(SHA384("abc")) => 96
STRLEN(SHA512("abc")) => 128
MD5(1) => error
RAND() < 1 => "true"^^boolean
STRLEN(STRUUID()) => 36
STRSTARTS(STR(UUID()), "urn:uuid:") => "true"^^boolean
ISBLANK(BNODE()) => "true"^^boolean
BNODE("a") = BNODE("a") => "true"^^boolean
BNODE() = BNODE() => "false"^^boolean
TIMEZONE("2011-01-10T14:45:13.815-05:00"^^xsd:dateTime) => "-PT5H"^^dayTimeDuration
TIMEZONE("2011-01-10T14:45:13.815+00:00"^^xsd:dateTime) => "PT0S"^^dayTimeDuration
TIMEZONE("2011-01-10T14:45:13"^^xsd:dateTime) => error
"1"^^xsd:boolean = true => "true"^^boolean
"2011-01-01T24:00:00"^^xsd:dateTime = "2011-01-02T00:00:00"^^xsd:dateTime => "true"^^boolean
"2011-01-01"^^xsd:date = "2011-01-01Z"^^xsd:date => error
xsd:string(1.50) => "1.5"
xsd:string("1E0"^^xsd:double) => "1"
LANGMATCHES("en-GB", "en") => "true"^^boolean
10 - 4 - 3 => 3
10 - 4 + 3 => 9
100 / 10 / 5 => "2"^^decimal
2 + 3 * 4 - 1 => 13
true || false && false => "true"^^boolean
false && false || true => "true"^^boolean
LANGMATCHES("nob", "no") => "false"^^boolean
LANGMATCHES("", "*") => "false"^^boolean
DATATYPE(1.5) => <http://www.w3.org/2001/XMLSchema#decimal>
DATATYPE("a"@en) => <http://www.w3.org/1999/02/22-rdf-syntax-ns#langString>
STRDT("5", xsd:integer) => 5
STRDT("a", <http://www.w3.org/1999/02/22-rdf-syntax-ns#langString>) => error
STRLANG("a", "en") => "a"@en
IRI("http://x/y") => <http://x/y>
ISIRI(?s) => "true"^^boolean
ISLITERAL(?o) => "true"^^boolean
ISNUMERIC("1"^^xsd:byte) => "true"^^boolean
ISNUMERIC("x"^^xsd:integer) => "false"^^boolean
SAMETERM(1, 1.0) => "false"^^boolean
BOUND(?nothing) => "false"^^boolean
COALESCE(?nothing, 1/0, "x") => "x"
IF(1 = 1.0, "yes", "no") => "yes"
IF(1/0, "yes", "no") => error
(1/0 = 1 || true) => "true"^^boolean
(1/0 = 1 && false) => "false"^^boolean
(1/0 = 1 || false) => error
(2 IN (1, 2, 3)) => "true"^^boolean
(2 IN (1/0, 2)) => "true"^^boolean
(2 IN (1/0, 3)) => error
(2 NOT IN (1, 3)) => "true"^^boolean
1 + 2.5 => "3.5"^^decimal
1 + 2.5e0 => 3.5E0
7 / 2 => "3.5"^^decimal
1 / 0 => error
1 / 0e0 => "INF"^^double
-(-3) => 3
"a" < "b" => "true"^^boolean
"a" < 1 => error
"2011-01-10T14:00:00+02:00"^^xsd:dateTime = "2011-01-10T12:00:00Z"^^xsd:dateTime => "true"^^boolean
"a"^^<http://x/t> = "b"^^<http://x/t> => error
"a"^^<http://x/t> = "a"^^<http://x/t> => "true"^^boolean
<http://x/a> = <http://x/b> => "false"^^boolean
xsd:integer("42") => 42
xsd:integer(3.9) => 3
xsd:integer(-3.9) => -3
xsd:integer("x") => error
xsd:decimal("1.50") => "1.5"^^decimal
xsd:double("1e3") => 1.0E3
xsd:boolean("1") => "true"^^boolean
xsd:string(1.5) => "1.5"
xsd:dateTime("2011-01-10T12:00:00Z") => "2011-01-10T12:00:00Z"^^dateTime
xsd:date("2011-01-10T12:00:00Z"^^xsd:dateTime) => "2011-01-10Z"^^date
CASES
done_testing
