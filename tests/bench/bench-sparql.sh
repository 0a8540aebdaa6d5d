#!/bin/sh
# make bench-sparql: 25 queries over the example bank as RDF (2.1 M triples) in the native graph, over HTTP,
# beside Virtuoso 7 on the same file where it is installed (virtuoso-opensource-7), and beside roqet
# (rasqal-utils) on a fortieth of it; then what loading costs as the file grows.  Medians of 5 in milliseconds.
. "${STOA_SRC:?}/tests/support/lib.sh"
customers=${STOA_BENCH_CUSTOMERS:-7000}
Q=$SRC/tests/bench/sparql
VIRTUOSO=
stop_virtuoso() { [ -z "$VIRTUOSO" ] || kill "$VIRTUOSO" 2> /dev/null; }
trap 'stop_virtuoso; cleanup' EXIT
bank "$customers" 2026-11-01
"$STOA" materialize -C "$T/bank" -o "$T/all.nt" 2> /dev/null
n=$(wc -l < "$T/all.nt")
mkdir "$T/n"
printf 'project: bench\nbase: https://bank.example/\ndata: [../all.nt]\nstate: {driver: sqlite, address: state.db}\n' > "$T/n/stoa.yaml"
serve "$T/n" || exit 1
echo "triples: $n; cores: $(nproc); resident in the server: $(awk -v n="$n" '/VmRSS/ { printf "%.1f", $2 * 1024 / n }' "/proc/$SERVER/status") bytes a triple, the program included"
ask() { # URL FILE: milliseconds of one request over HTTP, its answer in $T/answer
  curl -s -m 120 -o "$T/answer" -w '%{time_total}\n' -H 'Accept: text/csv' --data-urlencode "query@$2" "$1" | awk '{ printf "%.2f\n", $1 * 1000 }'
}
median() { # URL FILE
  i=0; while [ $i -lt 5 ]; do ask "$1" "$2"; i=$((i + 1)); done | sort -n | sed -n 3p
}
start_virtuoso() {
  command -v virtuoso-t > /dev/null || return 1
  mkdir "$T/v"
  VP=$((20000 + $$ % 20000)); VH=$((VP + 1))
  cat > "$T/v/v.ini" <<X
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
[TempDatabase]
DatabaseFile = temp.db
TransactionFile = temp.trx
[Parameters]
ServerPort = $VP
DirsAllowed = $T
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
[HTTPServer]
ServerPort = $VH
ServerThreads = 5
[SPARQL]
ResultSetMaxRows = 10000000
MaxQueryCostEstimationTime = 40000
MaxQueryExecutionTime = 600
X
  (cd "$T/v" && exec virtuoso-t -c v.ini +foreground +wait > out 2>&1) & VIRTUOSO=$!
  isql=$(command -v isql-vt || command -v isql-v)
  i=0; until "$isql" $VP dba dba exec='status();' > /dev/null 2>&1; do i=$((i + 1)); [ $i -lt 60 ] || return 1; sleep 0.5; done
  s=$(date +%s%N)
  "$isql" $VP dba dba exec="ld_dir('$T', 'all.nt', 'https://bank.example/'); rdf_loader_run(); checkpoint;" > /dev/null
  awk -v t=$(($(date +%s%N) - s)) -v n="$n" 'BEGIN { printf "virtuoso loads in %.1f s: %.2f M triples/s\n", t / 1e9, n / (t / 1e3) }'
}
peer=no
start_virtuoso && peer=yes
[ $peer = yes ] || echo "virtuoso: absent; install virtuoso-opensource-7 to compare"
printf '%-24s %10s %10s %8s %8s\n' query stoa virtuoso ratio rows
for q in "$Q"/*.rq; do
  ask "http://127.0.0.1:${HTTP##*:}/sparql" "$q" > /dev/null
  a=$(median "http://127.0.0.1:${HTTP##*:}/sparql" "$q"); rows=$(($(wc -l < "$T/answer") - 1))
  b=-; rows_b=-
  if [ $peer = yes ]; then
    u="http://127.0.0.1:$VH/sparql?default-graph-uri=https%3A%2F%2Fbank.example%2F"
    ask "$u" "$q" > /dev/null
    b=$(median "$u" "$q"); rows_b=$(($(wc -l < "$T/answer") - 1))
  fi
  mark=; [ "$rows_b" = - ] || [ "$rows" = "$rows_b" ] || mark="! $rows_b"
  awk -v q="$(basename "$q" .rq)" -v a="$a" -v b="$b" -v r="$rows" -v m="$mark" 'BEGIN { printf "%-24s %10s %10s %8s %8s %s\n", q, a, b, b == "-" ? "-" : sprintf("%.2f", a / b), r, m }'
done | tee "$T/rows"
awk '$3 != "-" { s += log($2); v += log($3); n++ } $3 == "-" { s += log($2); n++ } END { printf "geometric mean: stoa %.2f ms", exp(s / n); if (v) printf ", virtuoso %.2f ms, ratio %.2f", exp(v / n), exp((s - v) / n); print "" }' "$T/rows"
stop_server; stop_virtuoso; VIRTUOSO=
"$BUILD/tests/bench/cancel" "$T/all.nt"
if command -v roqet > /dev/null; then
  rm -rf "$T/bank"; bank $((customers / 40)) 2026-11-01
  "$STOA" materialize -C "$T/bank" -o "$T/small.nt" 2> /dev/null
  echo "on $(wc -l < "$T/small.nt") triples, whole runs of the programs with loading, at most 20 s each:"
  for q in "$Q"/*.rq; do
    s=$(date +%s%N); "$STOA" query --data "$T/small.nt" --format csv "$q" > /dev/null; m=$(date +%s%N)
    timeout 20 roqet -q -i sparql -r csv -D "$T/small.nt" "$q" > /dev/null 2>&1; rc=$?; e=$(date +%s%N)
    awk -v q="$(basename "$q" .rq)" -v a=$((m - s)) -v b=$((e - m)) -v rc=$rc 'BEGIN { printf "%-24s %10.1f %10s\n", q, a / 1e6, rc == 0 ? sprintf("%.1f", b / 1e6) : rc == 124 ? "> 20000" : "refused" }'
  done
else
  echo "librdf and rasqal: roqet is absent; install rasqal-utils to compare"
fi
echo "loading N-Triples:"
for m in 1 2 4 8; do
  : > "$T/big.nt"; k=0
  while [ "$(wc -l < "$T/big.nt")" -lt $((m * 1000000)) ]; do
    sed "s#https://bank.example/\([a-z]*/[0-9]\)#https://bank$k.example/\1#g" "$T/all.nt" >> "$T/big.nt"; k=$((k + 1))
  done
  head -n $((m * 1000000)) "$T/big.nt" > "$T/cut.nt"
  s=$(date +%s%N); "$STOA" query --data "$T/cut.nt" --format csv -e 'ASK {}' > /dev/null; e=$(date +%s%N)
  awk -v m=$m -v t=$((e - s)) 'BEGIN { printf "%d M triples: %.2f s, %.2f M triples/s\n", m, t / 1e9, m / (t / 1e9) }'
done
