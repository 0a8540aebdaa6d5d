#!/bin/sh
# Versions of features, what plan, apply and drift make of them, and all that is told of a feature.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v sqlite3 > /dev/null || skip_all "sqlite3 is needed"
bank 120
P=$T/bank
F="$STOA features"
# A window of what was, whatever the day.
sed -i 's/^    purpose:.*//' "$P/features/services.yaml"; sed -i '/^#+   purpose:/d' "$P/features/txn.rq"
version() { $F list -C "$P" | awk -v v="$1" '$1 == "view" && $2 == v { print $7 }'; }
versions() { $F list -C "$P" | awk '$1 == "view" { print $2, $7 }'; }
changed() { versions > "$T/now"; diff "$T/versions" "$T/now" | sed -n 's/^> \([a-z_]*\) .*/\1/p' | paste -sd,; } # the views that have another version than at first
reset() { rm -rf "$P/features" "$P/mappings" "$P/ontology"; cp -r "$T/first/features" "$T/first/mappings" "$T/first/ontology" "$P/"; }
mkdir "$T/first"; cp -r "$P/features" "$P/mappings" "$P/ontology" "$T/first/"
versions > "$T/versions"

# ---- versions
like "list tells versions" "$(version bureau)" '^[0-9a-f]{12}$'
is "... which are the same each time" "$(changed)" ''
is "each view has its own" "$(cut -d' ' -f2 "$T/versions" | sort | uniq -d | wc -l)" 0
cp -r "$P" "$T/elsewhere"; is "... in another folder too" "$($F list -C "$T/elsewhere" | awk '$2 == "bureau" { print $7 }')" "$(version bureau)"
sed -i 's/^#+ summary: The latest.*/#+ summary: Something else/; s/^#+   owner:.*/#+   owner: nobody@bank.example/; s/^WHERE {/WHERE { # a remark\n\n/' "$P/features/bureau.rq"
is "remarks, blanks and what is for people make no other version" "$(changed)" ''
reset; sed -i 's/>= 730/>= 740/' "$P/features/bureau.rq"
is "the query does" "$(changed)" bureau
reset; sed -i 's/delinquencies: 0/delinquencies: 1/' "$P/features/bureau.rq"
is "... and a default" "$(changed)" bureau
reset; sed -i 's/rr:column "score"/rr:column "delinquencies"/' "$P/mappings/bureau.ttl"
like "a mapping changes the views that read it" "$(changed)" '(^|,)bureau,bureau_trend(,|$)'
is "... and no others" "$(changed | tr , '\n' | grep -c 'txn\|contact\|profile\|tenure')" 0
reset

# ---- plan and apply
plan() { $F plan -C "$P" 2>&1; echo "exit $?"; }
apply() { $F apply -C "$P" "$@" 2>&1; }
like "before anything was applied all is new" "$(plan)" '^\+ view bureau [0-9a-f]{12}: 4 features$'
like "... which a plan tells by its exit status" "$(plan | tail -1)" '^exit 1$'
like "apply tells what it did" "$(apply)" '^26 views and 6 services applied, 32 changed$'
is "... and there is nothing to plan" "$(plan)" 'no changes
exit 0'
like "what was applied stands beside the state" "$(head -c 60 "$P/state/features.json")" '^\{"format":1,"applied":"20'
edit() { # CLAIM VIEW WHAT: the line of a view
  like "$1" "$(plan | grep "^~ view $2 ")" "^~ view $2 [0-9a-f]{12} -> [0-9a-f]{12}: $3\$"
}
sed -i 's/>= 730/>= 740/' "$P/features/bureau.rq"
edit "an edit of the query is one" bureau query
is "... of that view alone" "$(plan | grep -c '^[~+-]')" 1
like "... with the services" "$(plan)" '^    services: next_offer_v1, segment, product_ranking$'
like "... and the policies that read it" "$(plan)" '^    policies: next_offer$'
reset; sed -i 's/score: int32/score: int64/; s/delinquencies: 0/delinquencies: 1/' "$P/features/bureau.rq"
edit "types and defaults are told" bureau 'default, features'
like "... feature by feature" "$(plan)" '^    ~ feature bureau__score: type int32 -> int64$'
like "... with what they were" "$(plan)" '^    ~ feature bureau__delinquencies: default 0 -> 1$'
reset; sed -i 's/^#+   windows:.*/#+   windows: [7d, 30d]/' "$P/features/transfers.rq"
edit "a window that goes" transfers windows
like "... takes its features along" "$(plan)" '^    - feature transfers__.*90d'
reset; sed -i 's/rr:column "score"/rr:column "delinquencies"/' "$P/mappings/bureau.ttl"
edit "an edit of a mapping is one of the features over it" bureau mapping
is "... and of no others" "$(plan | grep '^[~+-]' | grep -vc ': mapping$')" 0
reset; printf '\nb:openedBy <http://www.w3.org/2000/01/rdf-schema#subPropertyOf> b:heldBy .\n' >> "$P/ontology/bank.ttl"
edit "an axiom is one of the ontology" colleagues ontology
like "... for those who name what it is about" "$(plan | grep -c '^~ view [a-z_]* .*: ontology$')" '^[1-9]'
like "... though it brings a mapping along" "$(printf '\nb:worksFor <http://www.w3.org/2000/01/rdf-schema#subPropertyOf> b:memberOf .\n' >> "$P/ontology/bank.ttl"; plan | grep '^~ view household ')" ': ontology$'
is "... and nobody else" "$(plan | grep '^~ view \(txn\|contact\|profile\|bureau\) ' | wc -l)" 0
reset; rm "$P/features/tenure.rq"; sed -i 's/"tenure:\*", //' "$P/features/services.yaml"
sed 's/name: holdings$/name: holdings_too/' "$P/features/holdings.rq" > "$P/features/holdings_too.rq"
like "a view that goes" "$(plan)" '^- view tenure: 3 features$'
like "... and one that comes" "$(plan)" '^\+ view holdings_too [0-9a-f]{12}: 3 features$'
like "... and a service that has fewer" "$(plan | paste -sd' ')" '~ service churn +- feature tenure__years'
reset; sed -i 's/^  - name: dialogue$/&\n    purpose: care/' "$P/features/services.yaml"
like "the purpose of a service" "$(plan | paste -sd' ')" '~ service dialogue +purpose: \(none\) -> care exit 1'
reset; sed -i 's/^project: .*/&\ntimezone: Asia\/Kolkata/' "$P/stoa.yaml"
edit "the project's zone is part of views with times" txn timezone
sed -i '/^timezone:/d' "$P/stoa.yaml"
is "all put back is no change" "$(plan)" 'no changes
exit 0'
echo '{' > "$P/state/features.json"
like "a file that was written by hand is told" "$(plan)" 'features.json:[0-9]+:[0-9]+: error: .*; remove the file, and apply again'
echo '{"format": 9}' > "$P/state/features.json"
like "... and one of another version" "$(plan)" 'features.json:1:1: error: this is not what this version'
rm "$P/state/features.json"
like "no drift before anything was applied" "$($F drift -C "$P" 2>&1)" 'error: nothing was applied yet'
serve "$P" || exit 1
like "a running server reads them" "$(apply)" '^the server has read them$'
sed -i 's/>= 730/>= 740/' "$P/features/bureau.rq"; apply > /dev/null
like "... as they are applied" "$(tail -3 "$T/server.log" | grep -c reload)" '^[1-9]'
# ---- what is kept is told by the server
r HGETALL spending:7 > /dev/null; r HGETALL spending:8 > /dev/null
like "show tells what is kept" "$($F show -C "$P" txn)" '^  kept        2 rows, [1-9][0-9]{2,} bytes$'
stop_server
like "... and nothing without a server" "$($F show -C "$P" txn)" '^  kept        0 rows, 0 bytes \(no server runs\)$'
reset; apply > /dev/null

# ---- drift
drift() { $F drift -C "$P" 2>&1; echo "exit $?"; }
like "nothing has moved" "$(drift | paste -sd' ')" '^0 of 3[0-9]+ features moved since 20.* exit 0$'
sqlite3 "$P/data/bureau.db" 'UPDATE report SET score = score + 1'
like "a small change is none" "$(drift | tail -1)" 'exit 0'
sqlite3 "$P/data/bureau.db" 'UPDATE report SET score = 900 - score / 10'
like "numbers that lie otherwise have moved" "$(drift)" '^bureau__score: no value for [0-9.]+% \([0-9.]+%\), different values [0-9]+ \([0-9]+\), stability index [1-9][0-9]*\.'
like "... which the exit status tells" "$(drift | tail -1)" 'exit 1'
is "... and others have not" "$(drift | grep -c '^txn\|^profile\|^contact')" 0
apply > /dev/null
like "until they are applied" "$(drift | tail -1)" 'exit 0'
sqlite3 "$P/data/product.db" "UPDATE customer SET income_band = 'other' WHERE customer_id % 2"
like "so have texts" "$(drift)" '^profile__income_band: '
apply > /dev/null
sqlite3 "$P/data/bureau.db" 'UPDATE report SET utilisation = NULL WHERE customer_id % 4 = 0'
like "... and what has no values any more" "$(drift)" '^bureau__utilisation: no value for [2-9][0-9.]+%'
is "no text of an entity is kept" "$(grep -c '"other"\|high\|"fair"' "$P/state/features.json")" 0

# ---- show
show() { $F show -C "$P" "$@" 2>&1; }
is "show tells a view" "$(show bureau | sed -n '1,9p' | sed 's/version     .*/version/; s/[0-9a-f]\{12\}//')" 'view bureau
  summary     The latest bureau report that is known at the instant asked about
  kind        query
  entity      customer
  file        features/bureau.rq
  owner       risk-data@bank.example
  version
  time        latest
  freshness   live'
like "... its features" "$(show bureau)" '^  feature     bureau__delinquencies: int32, default 0$'
like "... its columns" "$(show bureau)" '^  made of     bureau: report.score$'
like "... those that only choose rows" "$(show bureau)" '^  reads       bureau: report.customer_id$'
like "... its SQL" "$(show bureau)" '^ +SELECT .*"score"'
like "... and an example" "$(show bureau | tail -1)" '^\{"customer_id": "[0-9]+", "bureau__score": '
is "a feature alone" "$(show bureau__score | grep -c '^  feature')" 1
is "... with what it is made of" "$(show bureau__score | grep '^  made of')" '  made of     bureau: report.score'
like "a service, and its views with their versions" "$(show segment)" "^  view        bureau $(version bureau)\$"
printf '#+ feature_view:\n#+   name: gap\n#+   kind: request\n#+   entity: {customer: customer_id}\n#+   inputs: {asked: double}\n#+   reads: {score: "bureau:score"}\n#+   features: {gap: double}\nSELECT (?score - ?asked AS ?gap) {}\n' > "$P/features/gap.rq"
like "what needs more than a key has no example" "$(show gap | tail -1)" '^no example: view gap needs the input "asked"'
v=$(version gap); sed -i 's/>= 730/>= 740/' "$P/features/bureau.rq"
ok "what a request view reads is part of its version" test "$v" != "$(version gap)"
like "an unknown name is told" "$(show bureaux)" 'unknown feature service "bureaux"; did you mean "bureau"'
sed -i 's/^#+   kind: query/&\n#+   purpose: credit/' "$P/features/bureau.rq"
like "an example is read for a purpose" "$(show bureau | tail -1)" '^no example: view bureau may be read for credit; the request states no purpose$'
like "... that may be stated" "$(show bureau --purpose credit | tail -1)" '^\{"customer_id"'
reset

# ---- formats
get() { $F get -C "$P" "$@" 2>&1; }
is "a table" "$(get --format table profile 1 2 | awk 'NR == 1 { print NF, (index($0, "profile__income_band") > 0) } END { print NR }' | paste -sd,)" '5 1,3'
is "CSV" "$($F get -C "$P" --format csv bureau 1 999 2> /dev/null | head -1)" 'customer_id,bureau__score,bureau__risk_band,bureau__utilisation,bureau__delinquencies'
is "... of one who is not there" "$($F get -C "$P" --format csv bureau 1 999 2> /dev/null | tail -1)" '999,,,,'
is "JSON is one document" "$($F get -C "$P" --format json bureau 1 2 3 | tr -d '\n' | grep -o '"customer_id"' | wc -l)$($F get -C "$P" --format json bureau 1 2 | head -c 1)$($F get -C "$P" --format json bureau 1 2 | tail -c 2)" '3[]'
is "lines are as without a format" "$(get --format jsonl bureau 1 2)" "$(get bureau 1 2)"
like "another format is none" "$(get --format xml bureau 1)" '--format is jsonl, json, csv or table, not "xml"'
seq 1 120 > "$T/keys"; { echo name,customer_id; seq -f 'x,%g' 1 120; } > "$T/keys.csv"
is "a file with a key a line" "$(get bureau --entities "$T/keys" | md5sum)" "$(get bureau $(seq 1 120) | md5sum)"
is "... a table whose head names the key" "$(get bureau --entities "$T/keys.csv" | md5sum)" "$(get bureau $(seq 1 120) | md5sum)"
is "a preview has the formats" "$($F preview -C "$P" --format csv --limit 3 bureau | wc -l)" 4
: > "$T/none"; is "no keys, no rows" "$(get --format json bureau --entities "$T/none")$(get bureau --entities "$T/none")" '[]'
like "a file with a fault is told by its line" "$(printf 'customer_id\n1\n""\n' > "$T/bad.csv"; get bureau --entities "$T/bad.csv" 2>&1 | tail -1)" 'bad.csv:3:1: error: the row has no customer_id'
printf '1\n\nx:y\n' > "$T/bad"; like "... a key as well" "$(get bureau --entities "$T/bad" 2>&1)" 'bad:3:1: error: '
usage() { $F "$@" -C "$P" 2>&1 | head -1; }
is "options of others are refused" "$(usage list --format csv; usage plan --limit 3; usage drift --purpose x; usage preview bureau --entities "$T/keys")" 'stoa: --format is of get, preview and erase
stoa: --limit is of preview and apply
stoa: --purpose is of show, preview, get and history
stoa: --entities is of get and history'
like "... and one that is not there" "$(get bureau --entities "$T/nothing" 2>&1)" 'error: .*nothing'
awk 'BEGIN { for (i = 0; i < 100000; ++i) print i % 120 + 1 }' > "$T/long"
is "a long file streams" "$(get --format csv bureau --entities "$T/long" | wc -l)" 100001
done_testing
