#!/bin/sh
# make bench-sparql: the native graph beside Virtuoso 7 on the same triples (where virtuoso-opensource-7 is installed),
# over HTTP, medians in milliseconds: the queries of the example bank (sparql/) and of the data models of shapes/, then
# queries of one feature each (micro.awk) over one of these; what stopping, loading and a small file in roqet cost.
# Projects have a state database, as real ones do.
# STOA_BENCH_SHAPES: some of "bank shop transit insurer telecom"     STOA_BENCH_MICRO: some of them, "insurer"; "" for none
# STOA_BENCH_SCALE: 1 is 2 million triples of the bank, up to 7 of the others
# STOA_BENCH_QUERIES: a beginning of names     STOA_BENCH_KEEP: a folder where databases and triples stay
# STOA_BENCH_LIMIT: seconds for one answer (20)     STOA_BENCH_PATIENCE: milliseconds for the runs of one query (2000)
# STOA_BENCH_ASIDE=1: the queries aside instead, their means alone (=names: all of them)
# STOA_BENCH_EXTRAS: set, even to nothing, it is what to run besides: "cancel roqet loading"
. "${STOA_SRC:?}/tests/support/lib.sh"
. "${STOA_SRC:?}/tests/support/postgres.sh"
. "${STOA_SRC:?}/tests/bench/shapes.sh"
shapes=${STOA_BENCH_SHAPES-bank shop transit insurer telecom}
micro=${STOA_BENCH_MICRO-insurer}
extras=${STOA_BENCH_EXTRAS-cancel roqet loading}
scale=${STOA_BENCH_SCALE:-1}
limit=${STOA_BENCH_LIMIT:-20}
Q=$SRC/tests/bench/sparql
VIRTUOSO= SERVE_SECONDS=120
stop_virtuoso() { [ -z "$VIRTUOSO" ] || { kill "$VIRTUOSO"; wait "$VIRTUOSO"; } 2> /dev/null; VIRTUOSO=; }
trap 'stop_virtuoso; cleanup' EXIT
has() { case " $1 " in *" $2 "*) ;; *) false ;; esac; } # LIST WORD
show() { if [ "${STOA_BENCH_ASIDE:-names}" = names ]; then cat; else cat > "$T/unseen"; fi; }

# ---- the triples, and the two who hold them
triples() { # SHAPE: the file in $NT, its folder in $DATA, the base of its IRIs in $BASE
  BASE=https://$1.example/
  if [ "$1" = bank ]; then
    n=$(awk -v s="$scale" 'BEGIN { print int(7000 * s) }')
    DATA=${STOA_BENCH_KEEP:-$T}/native-bank-$n
    mkdir -p "$DATA"
  else
    n=$(shape_size "$1")
    shape_sqlite "$1" "$n" || exit 1
  fi
  NT=$DATA/$1.nt
  [ "$1" = bank ] || [ -z "$(find "$SHAPES_DIR/$1" -name '*.ttl' -newer "$NT" 2> /dev/null)" ] || rm -rf "$NT" "$DATA/virtuoso"
  [ -f "$NT" ] && return
  if [ "$1" = bank ]; then
    bank "$n" 2026-11-01
    "$STOA" materialize -C "$T/bank" -o "$NT.new" 2> /dev/null
    rm -rf "$T/bank"
  else
    shape_project "$1" sqlite "$T/virtual"
    "$STOA" materialize -C "$T/virtual" -o "$NT.new" 2> /dev/null || { echo "$1 cannot be materialised"; exit 1; }
    rm -rf "$T/virtual"
  fi
  mv "$NT.new" "$NT"
}
serve_triples() { # SHAPE
  mkdir -p "$T/native"
  { printf 'project: %s\nbase: %s\ndata: [%s]\nstate: {driver: sqlite, address: state.db}\n' "$1" "$BASE" "$NT"
    [ "$1" = bank ] || sed -n '/^events:/,$p' "$SHAPES_DIR/$1/stoa.yaml"; } > "$T/native/stoa.yaml"
  serve "$T/native" || exit 1
  n=$(wc -l < "$NT")
  echo "$1: $n triples; cores: $(nproc); resident in the server: $(awk -v n="$n" '/VmRSS/ { printf "%.1f", $2 * 1024 / n }' "/proc/$SERVER/status") bytes a triple, the program included"
}
start_virtuoso() { # its files stay in $DATA/virtuoso
  command -v virtuoso-t > /dev/null || return 1
  V=$DATA/virtuoso
  loaded=$V/loaded
  [ -f "$loaded" ] || rm -rf "$V"
  mkdir -p "$V"
  VP=$((20000 + $$ % 20000)); VH=$((VP + 1))
  cat > "$V/v.ini" <<INI
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
DirsAllowed = $DATA
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
[HTTPServer]
ServerPort = $VH
ServerThreads = 5
[SPARQL]
ResultSetMaxRows = 10000000
MaxQueryCostEstimationTime = 40000
MaxQueryExecutionTime = 600
INI
  rm -f "$V/virtuoso.lck"
  (cd "$V" && exec virtuoso-t -c v.ini +foreground +wait > out 2>&1) & VIRTUOSO=$!
  isql=$(command -v isql-vt || command -v isql-v)
  i=0; until "$isql" $VP dba dba exec='status();' > /dev/null 2>&1; do i=$((i + 1)); [ $i -lt 120 ] || return 1; sleep 0.5; done
  [ -f "$loaded" ] && return
  s=$(date +%s%N)
  "$isql" $VP dba dba exec="ld_dir('$DATA', '${NT##*/}', '$BASE'); rdf_loader_run(); checkpoint;" > /dev/null
  awk -v t=$(($(date +%s%N) - s)) -v n="$n" 'BEGIN { printf "virtuoso loads in %.1f s: %.2f M triples/s\n", t / 1e9, n / (t / 1e3) }'
  : > "$loaded"
}

# ---- asking both
ask() { # URL FILE ANSWER: status and milliseconds of one request over HTTP
  curl -s -m "$limit" -o "$3" -w '%{http_code} %{time_total}\n' -H 'Accept: text/csv' --data-urlencode "query@$2" "$1" | awk '{ printf "%s %.3f\n", $1, $2 * 1000 }'
}
median() { # URL FILE ANSWER: after one run to warm up; a status that is not 200 ends it
  first=$(ask "$1" "$2" "$3")
  case $first in 200*) ;; *) echo "$first"; return ;; esac
  spent=0 i=0
  while [ $i -lt 5 ] && { [ $i -lt 2 ] || [ $spent -lt "${STOA_BENCH_PATIENCE:-2000}" ]; }; do
    one=$(ask "$1" "$2" "$3")
    echo "$one"
    ms=${one#* }
    spent=$((spent + ${ms%.*} + 1)) i=$((i + 1))
  done | sort -k2n | awk '{ l[NR] = $0 } END { print l[int((NR + 1) / 2)] }'
}
lines() { awk 'END { print NR - 1 }' "$1"; }
value() { sed -n '2{s/[\r"]//g;p;}' "$1" | awk '{ if ($0 ~ /^[-+0-9.eE]+$/) printf "%.8g\n", $0; else print }'; }
compare() { # NAME FILE: a line of figures; what is wrong stands at its end
  { echo "BASE <$BASE>"; cat "$2"; } > "$T/q.rq"
  a=$(median "http://127.0.0.1:${HTTP##*:}/sparql" "$T/q.rq" "$T/a")
  rows=$(lines "$T/a") b='- -' mark=
  if [ $peer = yes ]; then
    b=$(median "http://127.0.0.1:$VH/sparql?default-graph-uri=$(printf %s "$BASE" | sed 's|:|%3A|g; s|/|%2F|g')" "$T/q.rq" "$T/b")
    rows_b=$(lines "$T/b")
    [ "$rows" = "$rows_b" ] || mark="! $rows_b"
    [ -n "$mark" ] || [ "$rows" != 1 ] || [ "$(value "$T/a")" = "$(value "$T/b")" ] || mark="! $(value "$T/a" | cut -c1-20) $(value "$T/b" | cut -c1-20)"
  fi
  case $a in 200*) ;; 000*) mark=late ;; *) mark="fails: $(head -c 100 "$T/a" | tr '\n' ' ')" ;; esac
  case $b in 200* | -*) ;; *) mark="$mark peer:${b%% *}" b='- -' ;; esac
  echo "$1 ${a#* } ${b#* } $rows $mark" | awk '{ m = ""; for (i = 5; i <= NF; ++i) m = m " " $i; printf "%-32s %10.2f %10s %8s %8s%s\n", $1, $2, $3, $3 == "-" ? "-" : sprintf("%.2f", $2 / $3), $4, m }'
}
compare_all() { # SHAPE FOLDER
  printf '%-32s %10s %10s %8s %8s\n' query stoa virtuoso ratio rows
  for q in "$2"/"${STOA_BENCH_QUERIES:-}"*.rq; do
    [ -f "$q" ] || continue
    compare "$(basename "$q" .rq)" "$q"
  done | tee "$T/table"
  sed "s/^/$1 /" "$T/table" >> "$T/figures"
}
sum_up() { # TITLE GROUPS: what $T/figures tells; with GROUPS one line for each first part of a name
  awk -v title="$1" -v groups="$2" -v names="$([ "${STOA_BENCH_ASIDE:-names}" = names ] && echo 1)" '
    / fails/ { wrong = wrong " " $1 "/" $2; ++n_wrong; next }
    { stoa += log($3); ++n_all }
    $4 == "-" { next }
    { r = log($3) - log($4); sum += r; own += log($3); peer += log($4); ++n; split($2, part, "."); g[part[1]] += r; ++n_of[part[1]] }
    $5 > 3 { over = over sprintf(" %s/%s %s", $1, $2, $5); ++n_over }
    / ! / { differ = differ " " $1 "/" $2; ++n_differ }
    END {
      if (!n) { printf "%s: stoa %.2f ms over %d\n", title, n_all ? exp(stoa / n_all) : 0, n_all; exit }
      if (groups) for (k in g) printf "%-12s %3d queries: %.2f\n", k, n_of[k], exp(g[k] / n_of[k]) | "sort"
      close("sort")
      printf "%s: geometric mean of %d: stoa %.2f ms, virtuoso %.2f ms, ratio %.3f\n", title, n, exp(own / n), exp(peer / n), exp(sum / n)
      printf "above 3: %d%s\nother answers than the peer: %d%s\nfailing: %d%s\n", n_over, names ? over : "", n_differ, names ? differ : "", n_wrong, names ? wrong : ""
    }' "$T/figures"
}

# ---- what to ask
queries_of() { # SHAPE
  if [ "$1" = bank ]; then echo "$Q${STOA_BENCH_ASIDE:+/aside}"; else echo "$SHAPES_DIR/$1${STOA_BENCH_ASIDE:+/aside}"; fi
}
seen=
for shape in $shapes $micro; do
  ! has "$seen" "$shape" || continue
  seen="$seen $shape"
  triples "$shape"
  serve_triples "$shape"
  peer=no
  start_virtuoso && peer=yes
  [ $peer = yes ] || echo "virtuoso: absent; install virtuoso-opensource-7 to compare"
  if has "$shapes" "$shape" && [ -d "$(queries_of "$shape")" ]; then
    : > "$T/figures"
    compare_all "$shape" "$(queries_of "$shape")" | show
    cat "$T/figures" >> "$T/figures.queries"
  fi
  if has "$micro" "$shape"; then
    rm -rf "$T/micro"; mkdir "$T/micro"
    awk -v out="$T/micro" -v variant="$([ -z "${STOA_BENCH_ASIDE:-}" ] && echo 1 || echo 2)" -f "$SRC/tests/bench/micro.awk" "$NT"
    : > "$T/figures"
    compare_all "$shape" "$T/micro" | show
    cat "$T/figures" >> "$T/figures.micro"
  fi
  stop_server; stop_virtuoso
  rm -rf "$T/native"
done
for part in queries micro; do
  [ -s "$T/figures.$part" ] || continue
  mv "$T/figures.$part" "$T/figures"
  sum_up "$part${STOA_BENCH_ASIDE:+ aside}" "$([ $part = micro ] && echo 1)"
  [ $part = queries ] || [ "${STOA_BENCH_ASIDE:-names}" != names ] || awk '$4 != "-" && !/ fails/ { printf "%s %s %s\n", $5, $1, $2 }' "$T/figures" | sort -rn | sed -n '1,12s/^/worst: /p'
done
[ -z "${STOA_BENCH_ASIDE:-}" ] || exit 0

# ---- besides
if [ -n "$extras" ]; then scale=${STOA_BENCH_SCALE:-1}; triples bank; fi
if has "$extras" cancel; then "$BUILD/tests/bench/cancel" "$NT"; fi
if has "$extras" roqet; then
  if command -v roqet > /dev/null; then
    rm -rf "$T/bank"; bank $((7000 / 40)) 2026-11-01
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
fi
if has "$extras" loading; then
  echo "loading N-Triples:"
  for m in 1 2 4 8; do
    : > "$T/big.nt"; k=0
    while [ "$(wc -l < "$T/big.nt")" -lt $((m * 1000000)) ]; do
      sed "s#https://bank.example/\([a-z]*/[0-9]\)#https://bank$k.example/\1#g" "$NT" >> "$T/big.nt"; k=$((k + 1))
    done
    head -n $((m * 1000000)) "$T/big.nt" > "$T/cut.nt"
    s=$(date +%s%N); "$STOA" query --data "$T/cut.nt" --format csv -e 'ASK {}' > /dev/null; e=$(date +%s%N)
    awk -v m=$m -v t=$((e - s)) 'BEGIN { printf "%d M triples: %.2f s, %.2f M triples/s\n", m, t / 1e9, m / (t / 1e9) }'
  done
fi
