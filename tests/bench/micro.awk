# One-feature queries over any N-Triples file, after the groups of the Sparqloscope benchmark (Bast and others 2025),
# written here: awk -v out=DIR -v variant=1|2 -f micro.awk FILE.nt makes DIR/GROUP.NAME.rq.
#
# Predicates are chosen by what the file holds: each has a count, a main kind of subjects and of objects (the path of
# an IRI to its first slash) and a type of objects; a query takes the largest, or the smallest, that its template can
# use.  Variant 2 takes the next ones, for queries that nobody tunes to.

function kind_of(term,   rest, at) {
  if (substr(term, 1, 2) == "_:") { return "_" }
  rest = substr(term, 2)
  if (match(rest, /^[a-z]+:\/\/[^\/]*\//)) { rest = substr(rest, RLENGTH + 1) }
  at = index(rest, "/")
  return at ? substr(rest, 1, at - 1) : rest
}
function type_of(object,   at) {
  if (substr(object, 1, 1) == "<") { return "iri" }
  if (substr(object, 1, 1) == "_") { return "blank" }
  if (match(object, /"\^\^<[^<]*>$/)) {
    at = substr(object, RSTART + 4, RLENGTH - 5)
    sub(/.*#/, "", at)
    return at ~ /^(integer|decimal|double)$/ ? "number" : at
  }
  return object ~ /"@[A-Za-z0-9-]+$/ ? "language" : "string"
}
function value_of(object) { sub(/^"/, "", object); sub(/"[^"]*$/, "", object); return object }
{
  at = index($0, " ")
  s = substr($0, 1, at - 1)
  rest = substr($0, at + 1)
  at = index(rest, " ")
  p = substr(rest, 1, at - 1)
  o = substr(rest, at + 1, length(rest) - at - 2)
  n = ++count[p]
  if (n <= 20000 || n % 16 == 0) { # enough to know what it is like
    ++subjects[p SUBSEP kind_of(s)]
    t = type_of(o)
    ++types[p SUBSEP t]
    if (t == "iri") { ++objects[p SUBSEP kind_of(o)] }
    if (n_seen[p] < 2000 && !((p, o) in seen)) { seen[p, o]; ++n_seen[p] }
    if (n <= 20000 && n % 20 == 0) { sample[p, ++n_sample[p]] = o }
    if (n == 7) { one_subject[p] = s; one_object[p] = o }
  }
}

function main_of(table, p,   key, parts, best, most) {
  most = 0
  for (key in table) {
    split(key, parts, SUBSEP)
    if (parts[1] == p && (table[key] > most || (table[key] == most && parts[2] < best))) { most = table[key]; best = parts[2] }
  }
  return most ? best : ""
}
# Predicates by count, the most common first (names decide between equal ones).
function sort_predicates(   p, i, j, t) {
  n_all = 0
  for (p in count) { all[++n_all] = p }
  for (i = 2; i <= n_all; ++i) {
    t = all[i]
    for (j = i - 1; j >= 1 && (count[all[j]] < count[t] || (count[all[j]] == count[t] && all[j] > t)); --j) { all[j + 1] = all[j] }
    all[j + 1] = t
  }
}
function is_rdf_type(p) { return p == "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>" }
# The nth largest predicate whose objects are of a type.
function of_type(type, n,   i, last) {
  for (i = 1; i <= n_all; ++i) {
    if (otype[all[i]] == type && !is_rdf_type(all[i]) && (type != "string" || n_seen[all[i]] >= 1000)) { last = all[i]; if (--n == 0) { return last } }
  }
  return last
}
# Objects that many triples have, or few.
function by_objects(many, n,   i, last) {
  for (i = 1; i <= n_all; ++i) {
    if (!is_rdf_type(all[i]) && (many ? n_seen[all[i]] < 300 : n_seen[all[i]] >= 2000)) { last = all[i]; if (--n == 0) { return last } }
  }
  return last ? last : all[1]
}
# The nth kind of subjects by the size of its largest predicate, that has enough predicates.
function sort_kinds(   i, k) {
  n_kinds = 0
  for (i = 1; i <= n_all; ++i) {
    if (is_rdf_type(all[i])) { continue }
    k = skind[all[i]]
    if (!(k in n_of)) { kinds[++n_kinds] = k }
    of[k, ++n_of[k]] = all[i]
  }
}
function kind_with(m, n,   i, last) {
  for (i = 1; i <= n_kinds; ++i) { if (kinds[i] != "_" && n_of[kinds[i]] >= m) { last = kinds[i]; if (--n == 0) { return last } } }
  return last
}
# Chains p/q (and /r): the objects of one are of the kind of the subjects of the next; the largest least count first.
function find_chain(length_, n,   i, j, k, least, found, best, used) {
  do {
    best = 0
    for (i = 1; i <= n_all; ++i) for (j = 1; j <= n_all; ++j) {
      if (i == j || is_rdf_type(all[i]) || is_rdf_type(all[j]) || okind[all[i]] == "" || okind[all[i]] != skind[all[j]] || okind[all[i]] == skind[all[i]]) { continue }
      if (length_ == 2) {
        least = count[all[i]] < count[all[j]] ? count[all[i]] : count[all[j]]
        if (least > best && !(("2", i) in used)) { best = least; c1 = all[i]; c2 = all[j]; found = i }
      } else for (k = 1; k <= n_all; ++k) {
        if (k == i || k == j || is_rdf_type(all[k]) || okind[all[j]] == "" || okind[all[j]] != skind[all[k]]) { continue }
        least = count[all[i]] < count[all[j]] ? count[all[i]] : count[all[j]]
        if (least > best && !(("3", i) in used)) { best = least; c1 = all[i]; c2 = all[j]; c3 = all[k]; found = i }
      }
    }
    used[length_ "", found]
  } while (--n > 0 && best)
}
# A predicate whose objects are of the kind of its subjects.
function find_tree(n,   i, last) {
  for (i = n_all; i >= 1; --i) { if (okind[all[i]] != "" && okind[all[i]] == skind[all[i]]) { last = all[i]; if (--n == 0) { return last } } }
  return last
}
# A value below which a share of the objects lies.
function quantile(p, share,   n, i, j, t, v) {
  n = n_sample[p] < 400 ? n_sample[p] : 400
  for (i = 1; i <= n; ++i) {
    t = value_of(sample[p, i])
    if (t ~ /^[+-]?[0-9.]+([eE][+-]?[0-9]+)?$/) { t += 0 }
    for (j = i - 1; j >= 1 && v[j] > t; --j) { v[j + 1] = v[j] }
    v[j + 1] = t
  }
  return v[1 + int((n - 1) * share)]
}
function put(name, text,   file) {
  ++n_made
  if (text ~ /<>| \? /) { return }
  if (variant > 1 && n_made % 2) { return } # half of them is enough aside
  file = out "/" name ".rq"
  print text > file
  close(file)
}
function count_of(name, group) { put(name, "SELECT (COUNT(*) AS ?count) { " group " }") }
# Joins of every way: NAME, what is read before, what is joined how.
function joined(way, word,   left) {
  count_of(way ".small-large", "?s " small " ?a " word "{ ?s " big1 " ?b }")
  count_of(way ".large-small", "?s " big1 " ?a " word "{ ?s " small " ?b }")
  count_of(way ".large-large", "?s " big1 " ?a " word "{ ?s " big2 " ?b }")
  count_of(way ".star-of-two", "?s " big1 " ?a . ?s " big2 " ?b " word "{ ?s " big3 " ?c }")
  count_of(way ".star-within", "?s " big1 " ?a " word "{ ?s " big2 " ?b . ?s " big3 " ?c }")
  count_of(way ".chain-end", "?s " c1 " ?a . ?a " c2 " ?b " word "{ ?b " c3 " ?c }")
  count_of(way ".chain-within", "?s " c1 " ?a " word "{ ?a " c2 " ?b . ?b " c3 " ?c }")
}
END {
  sort_predicates()
  for (i = 1; i <= n_all; ++i) {
    skind[all[i]] = main_of(subjects, all[i])
    okind[all[i]] = main_of(objects, all[i])
    otype[all[i]] = main_of(types, all[i])
  }
  sort_kinds()
  X_ = "<http://www.w3.org/2001/XMLSchema#"
  type = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
  k = kind_with(3, variant)
  big1 = of[k, 1]; big2 = of[k, 2]; big3 = of[k, 3]; small = of[k, n_of[k]]
  k5 = kind_with(5, variant)
  num = of_type("number", variant); num2 = of_type("number", variant + 1); text = of_type("string", variant)
  lang = of_type("language", variant); day = of_type("date", variant); instant = of_type("dateTime", variant)
  link = of_type("iri", variant); few = by_objects(1, variant); many = by_objects(0, variant); tree = find_tree(variant)
  find_chain(3, variant)

  joined("join", "")
  count_of("join.star-of-five", "?s " of[k5, 1] " ?a ; " of[k5, 2] " ?b ; " of[k5, 3] " ?c ; " of[k5, 4] " ?d ; " of[k5, 5] " ?e")
  count_of("join.class", "?s a ?c . ?s " big1 " ?a")
  count_of("join.same-object", "?s " link " ?a . ?t " link " ?a . ?s " small " ?b")
  count_of("join.two-columns", "?s " big1 " ?o . ?s " big2 " ?o")
  joined("optional", "OPTIONAL ")
  joined("minus", "MINUS ")
  joined("exists", "FILTER EXISTS ")
  count_of("exists.not", "?s " big1 " ?a FILTER NOT EXISTS { ?s " small " ?b }")
  count_of("union.plain", "{ ?s " big1 " ?o } UNION { ?s " link " ?o }")
  count_of("union.joined-small", "{ ?s " big1 " ?o } UNION { ?s " big2 " ?o } ?s " small " ?p")
  count_of("union.joined-large", "{ ?s " big1 " ?o } UNION { ?s " big2 " ?o } ?s " big3 " ?p")
  count_of("union.filter", "{ ?s " big1 " ?o } UNION { ?s " link " ?o } FILTER(?s = ?o)")

  put("group.object-high", "SELECT ?o (COUNT(?s) AS ?n) { ?s " few " ?o } GROUP BY ?o ORDER BY DESC(?n) LIMIT 10")
  put("group.object-low", "SELECT ?o (COUNT(?s) AS ?n) { ?s " many " ?o } GROUP BY ?o ORDER BY DESC(?n) LIMIT 10")
  put("group.subject", "SELECT ?s (COUNT(?o) AS ?n) { ?s " link " ?o } GROUP BY ?s ORDER BY DESC(?n) LIMIT 10")
  put("group.joined", "SELECT ?o (COUNT(?s) AS ?n) { ?s " big2 " ?o . ?s " big1 " ?x } GROUP BY ?o ORDER BY DESC(?n) LIMIT 10")
  put("group.aggregates", "SELECT ?o (COUNT(?s) AS ?n) (MIN(?s) AS ?a) (MAX(?s) AS ?b) { ?s " few " ?o . ?s " type " ?x } GROUP BY ?o ORDER BY DESC(?n) LIMIT 10")
  put("group.having", "SELECT ?o (COUNT(?s) AS ?n) { ?s " link " ?o } GROUP BY ?o HAVING(COUNT(?s) > 12)")
  put("group.concat", "SELECT (SUM(STRLEN(?c)) AS ?n) { SELECT (GROUP_CONCAT(?o; SEPARATOR=\" \") AS ?c) { ?s " text " ?o } GROUP BY ?s }")
  put("aggregate.count", "SELECT (COUNT(?o) AS ?n) { ?s " num " ?o }")
  put("aggregate.sum", "SELECT (SUM(?o) AS ?n) { ?s " num " ?o }")
  put("aggregate.min", "SELECT (MIN(?o) AS ?n) { ?s " num " ?o }")
  put("aggregate.max", "SELECT (MAX(?o) AS ?n) { ?s " num " ?o }")
  put("aggregate.avg", "SELECT (AVG(?o) AS ?n) { ?s " num " ?o }")
  put("aggregate.text-min", "SELECT (MIN(?o) AS ?n) { ?s " text " ?o }")
  put("aggregate.text-max", "SELECT (MAX(?o) AS ?n) { ?s " text " ?o }")
  put("aggregate.date-max", "SELECT (MAX(?o) AS ?n) { ?s " day " ?o }")
  put("distinct.object-high", "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s " few " ?o }")
  put("distinct.object-low", "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s " many " ?o }")
  put("distinct.subject", "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s " big1 " ?o }")
  put("distinct.joined", "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s " big2 " ?o . ?s " big1 " ?x }")
  put("distinct.rows", "SELECT DISTINCT ?o { ?s " few " ?o . ?s " big1 " ?x }")

  count_of("path.plus", "?s " tree "+ ?o")
  count_of("path.plus-from", one_subject[tree] " " tree "+ ?o")
  count_of("path.plus-to", "?s " tree "+ " one_object[tree])
  count_of("path.star", "?s " tree "* " one_object[tree])
  count_of("path.sequence", "?s " c1 "/" c2 " ?o")
  count_of("path.alternative", "?s (" big1 "|" big2 ") ?o")
  count_of("path.inverse", "?s ^" link "/" big1 " ?o")

  piece = substr(value_of(one_object[text]), 2, 3); begin = substr(value_of(one_object[text]), 1, 3)
  count_of("text.contains", "?s " text " ?o FILTER(CONTAINS(?o, \"" piece "\"))")
  count_of("text.regex-fixed", "?s " text " ?o FILTER(REGEX(?o, \"" piece "\"))")
  count_of("text.regex-any", "?s " text " ?o FILTER(REGEX(?o, \"" substr(piece, 1, 1) "." substr(piece, 3, 1) "\"))")
  count_of("text.regex-case", "?s " text " ?o FILTER(REGEX(?o, \"" toupper(piece) "\", \"i\"))")
  count_of("text.regex-prefix-1", "?s " text " ?o FILTER(REGEX(?o, \"^" substr(begin, 1, 1) "\"))")
  count_of("text.regex-prefix-2", "?s " text " ?o FILTER(REGEX(?o, \"^" substr(begin, 1, 2) "\"))")
  count_of("text.regex-prefix-3", "?s " text " ?o FILTER(REGEX(?o, \"^" begin "\"))")
  count_of("text.strstarts", "?s " text " ?o FILTER(STRSTARTS(?o, \"" begin "\"))")
  count_of("text.strends", "?s " text " ?o FILTER(STRENDS(?o, \"" substr(value_of(one_object[text]), length(value_of(one_object[text]))) "\"))")
  count_of("text.lcase-contains", "?s " text " ?o FILTER(CONTAINS(LCASE(?o), \"" tolower(piece) "\"))")
  put("text.strlen", "SELECT (SUM(STRLEN(?o)) AS ?n) { ?s " text " ?o }")
  put("text.strbefore", "SELECT (SUM(STRLEN(STRBEFORE(?o, \"" substr(piece, 2, 1) "\"))) AS ?n) { ?s " text " ?o }")
  put("text.strafter", "SELECT (SUM(STRLEN(STRAFTER(?o, \"" substr(piece, 2, 1) "\"))) AS ?n) { ?s " text " ?o }")
  put("text.substr", "SELECT (SUM(STRLEN(SUBSTR(?o, 2, 3))) AS ?n) { ?s " text " ?o }")
  put("text.replace", "SELECT (SUM(STRLEN(REPLACE(?o, \"" substr(piece, 2, 1) "\", \"--\"))) AS ?n) { ?s " text " ?o }")
  put("text.concat", "SELECT (SUM(STRLEN(CONCAT(?o, \"-\", ?o))) AS ?n) { ?s " text " ?o }")

  put("number.abs", "SELECT (SUM(ABS(?o)) AS ?n) { ?s " num " ?o }")
  put("number.ceil", "SELECT (SUM(CEIL(?o)) AS ?n) { ?s " num " ?o }")
  put("number.floor", "SELECT (SUM(FLOOR(?o)) AS ?n) { ?s " num " ?o }")
  put("number.round", "SELECT (SUM(ROUND(?o)) AS ?n) { ?s " num " ?o }")
  put("number.add", "SELECT (SUM(?o + ?o) AS ?n) { ?s " num " ?o }")
  put("number.if", "SELECT (SUM(IF(?o > " quantile(num, 0.5) ", 1, 0)) AS ?n) { ?s " num " ?o }")
  count_of("number.half", "?s " num " ?o FILTER(?o >= " quantile(num, 0.5) ")")
  count_of("number.third", "?s " num " ?o FILTER(?o >= " quantile(num, 0.7) ")")
  count_of("number.twentieth", "?s " num " ?o FILTER(?o >= " quantile(num, 0.95) ")")
  count_of("number.between", "?s " num " ?o FILTER(?o > " quantile(num, 0.4) " && ?o < " quantile(num, 0.45) ")")
  count_of("number.negative", "?s " num " ?o FILTER(?o > -22.58)")
  count_of("number.other", "?s " num2 " ?o FILTER(?o < " quantile(num2, 0.1) ")")

  count_of("filter.few", "?s " link " ?o FILTER(?s = ?o)")
  count_of("filter.many", "?s " link " ?o FILTER(?s != ?o)")
  count_of("filter.language", "?s " lang " ?o FILTER(LANG(?o) = \"en\")")
  count_of("filter.language-any", "?s ?p ?o FILTER(LANGMATCHES(LANG(?o), \"no\"))")
  count_of("filter.is-iri", "?s " type " ?o FILTER(ISIRI(?s))")
  count_of("filter.is-blank", "?s " type " ?o FILTER(ISBLANK(?s))")
  count_of("filter.is-literal", "?s " big1 " ?o FILTER(ISLITERAL(?o))")
  count_of("filter.datatype", "?s " num " ?o FILTER(DATATYPE(?o) = " X_ "decimal>)")
  count_of("filter.in", "?s " few " ?o FILTER(?o IN (" one_object[few] ", " sample[few, 3] ", " sample[few, 9] "))")
  count_of("filter.unbound", "?s " big1 " ?o OPTIONAL { ?s " small " ?b } FILTER(!BOUND(?b))")

  put("date.year", "SELECT (SUM(YEAR(?o)) AS ?n) { ?s " day " ?o }")
  put("date.month", "SELECT (SUM(MONTH(?o)) AS ?n) { ?s " day " ?o }")
  put("date.day", "SELECT (SUM(DAY(?o)) AS ?n) { ?s " day " ?o }")
  put("date.hours", "SELECT (SUM(HOURS(?o)) AS ?n) { ?s " instant " ?o }")
  put("date.by-year", "SELECT ?y (COUNT(?s) AS ?n) { ?s " day " ?o } GROUP BY (YEAR(?o) AS ?y)")
  count_of("date.after", "?s " day " ?o FILTER(?o >= \"" quantile(day, 0.9) "\"^^" X_ "date>)")
  count_of("date.between", "?s " instant " ?o FILTER(?o >= \"" quantile(instant, 0.5) "\"^^" X_ "dateTime> && ?o < \"" quantile(instant, 0.55) "\"^^" X_ "dateTime>)")

  put("count.triples", "SELECT (COUNT(?s) AS ?n) { ?s ?p ?o }")
  put("count.subjects", "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }")
  put("count.predicates", "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }")
  put("count.objects", "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o }")
  put("count.literals", "SELECT (COUNT(?o) AS ?n) { ?s ?p ?o FILTER(ISLITERAL(?o)) }")
  put("count.iris", "SELECT (COUNT(?o) AS ?n) { ?s ?p ?o FILTER(ISIRI(?o)) }")
  put("count.blanks", "SELECT (COUNT(?s) AS ?n) { ?s ?p ?o FILTER(ISBLANK(?s)) }")
  put("count.by-predicate", "SELECT ?p (COUNT(?s) AS ?n) { ?s ?p ?o } GROUP BY ?p ORDER BY DESC(?n)")
  put("count.by-class", "SELECT ?c (COUNT(?s) AS ?n) { ?s a ?c } GROUP BY ?c ORDER BY DESC(?n)")
  put("count.classes", "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }")

  put("result.10", "SELECT ?s ?o { ?s " big1 " ?o } LIMIT 10")
  put("result.1000", "SELECT ?s ?o { ?s " big1 " ?o } LIMIT 1000")
  put("result.100000", "SELECT ?s ?o { ?s " big1 " ?o } LIMIT 100000")
  put("result.all", "SELECT ?s ?o { ?s " big1 " ?o }")
  put("result.numbers", "SELECT ?o { ?s " num " ?o }")
  put("result.offset", "SELECT ?s ?o { ?s " big1 " ?o } OFFSET 50000 LIMIT 10")
  put("order.number", "SELECT ?s ?o { ?s " num " ?o } ORDER BY ?o LIMIT 10")
  put("order.number-down", "SELECT ?s ?o { ?s " num " ?o } ORDER BY DESC(?o) ?s LIMIT 100")
  put("order.text", "SELECT ?s ?o { ?s " text " ?o } ORDER BY ?o ?s LIMIT 10")
  put("order.date", "SELECT ?s ?o { ?s " day " ?o } ORDER BY DESC(?o) ?s LIMIT 10")
  put("order.joined", "SELECT ?s ?o { ?s " big1 " ?o . ?s " big2 " ?p } ORDER BY ?o ?s LIMIT 10")
  if (one_subject[big1] !~ /^_/) { put("lookup.subject", "SELECT ?p ?o { " one_subject[big1] " ?p ?o }") }
  put("lookup.object", "SELECT ?s ?p { ?s ?p " (one_object[link] ~ /^_/ ? "<x:none>" : one_object[link]) " }")
  put("lookup.value", "SELECT ?s { ?s " text " " one_object[text] " }")
}
