#!/bin/sh
# The features of a project, as a page: what its registry tells (stoa-features(5)).
#   docs/features.sh STOA PROJECT-FOLDER > PAGE.md
set -eu
stoa=${1:?usage: features.sh STOA PROJECT-FOLDER} project=${2:?usage: features.sh STOA PROJECT-FOLDER}
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
q() { # NAME VARIABLES PATTERN: rows as JSON objects of texts
  "$stoa" query -C "$project" --format json -e "PREFIX stoa: <https://stoa.example/ns#> PREFIX dcterms: <http://purl.org/dc/terms/>
    SELECT DISTINCT $2 { GRAPH stoa:registry { $3 } } ORDER BY $2" | jq '[.results.bindings[] | map_values(.value)]' > "$here/$1.json"
}
q views '?view ?kind ?entity ?owner ?summary ?file ?freshness ?ttl' '?v a stoa:FeatureView ; dcterms:title ?view ; stoa:kind ?kind ; stoa:entity/dcterms:title ?entity ; dcterms:source ?file
  OPTIONAL { ?v stoa:owner ?owner } OPTIONAL { ?v dcterms:abstract ?summary } OPTIONAL { ?v stoa:freshness ?freshness } OPTIONAL { ?v stoa:ttl ?ttl }'
q purposes '?view ?purpose' '?v dcterms:title ?view ; stoa:purpose ?purpose'
q features '?view ?feature ?type ?default ?aggregate ?window ?slot' '?f stoa:featureOf/dcterms:title ?view ; dcterms:title ?feature ; stoa:datatype ?type
  OPTIONAL { ?f stoa:default ?default } OPTIONAL { ?f stoa:aggregate ?aggregate ; stoa:window ?window } OPTIONAL { ?f stoa:slot ?slot }'
q columns '?view ?source ?table ?column' '?f stoa:featureOf/dcterms:title ?view ; stoa:readsColumn ?c . ?c dcterms:title ?column ; stoa:columnOf ?t . ?t dcterms:title ?table ; stoa:tableOf/dcterms:title ?source'
q services '?view ?service' '?s stoa:serves/stoa:featureOf/dcterms:title ?view ; dcterms:title ?service'
q policies '?service ?policy' '?p stoa:asks/dcterms:title ?service ; dcterms:title ?policy'
jq -rn --slurpfile views "$here/views.json" --slurpfile purposes "$here/purposes.json" --slurpfile features "$here/features.json" \
  --slurpfile columns "$here/columns.json" --slurpfile services "$here/services.json" --slurpfile policies "$here/policies.json" '
  def of($rows; $view): $rows[0] | map(select(.view == $view));
  def names(f): map(f) | unique | join(", ");
  def line($title; $text): if $text == "" or $text == null then empty else "* \($title): \($text)" end;
  def stem: sub("^[^_]*(_[^_]+)*__"; "") | sub("_[0-9]+[smhdw](_.*)?$"; "");
  def cell: . // "" | gsub("\\|"; "\\|");
  "# Features", "", "Written by docs/features.sh from what the project declares: change that, and run `make docs-features`.", "",
  ($views[0][] | . as $v | of($features; $v.view) as $f |
    "## \($v.view)", "", ($v.summary // ""), "",
    line("kind"; "\($v.kind) of \($v.entity), `\($v.file)`"), line("owner"; $v.owner), line("purposes"; of($purposes; $v.view) | names(.purpose)),
    line("fresh for"; $v.freshness), line("served until"; $v.ttl),
    line("services"; of($services; $v.view) | map(.service as $s | [$policies[0][] | select(.service == $s) | .policy] | if . == [] then $s else "\($s) (policy \(join(", ")))" end) | unique | join(", ")),
    line("reads"; of($columns; $v.view) | group_by([.source, .table]) | map("\(.[0].source): \(.[0].table) (\(map(.column) | unique | join(", ")))") | join("; ")), "",
    if $v.kind == "window" then
      "| features | type | default | windows | of |", "|-|-|-|-|-|",
      ($f | group_by(.feature | stem)[] | "| \(.[0].feature | stem) (\(length)) | \(.[0].type | cell) | \(.[0].default | cell) | \(names(.window)) | \(map(.slot // "all") | unique | join(", ") | cell) |")
    else
      "| feature | type | default |", "|-|-|-|", ($f[] | "| \(.feature) | \(.type | cell) | \(.default | cell) |")
    end, "")'
