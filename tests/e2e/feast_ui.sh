#!/bin/sh
# Feast's web UI as npm has it (@feast-dev/feast-ui) shows the catalogue that the server tells.  Its packages take 280 MB and
# minutes to fetch: STOA_FEAST_UI=FOLDER names where they are, or are to be put.
. "${STOA_SRC:?}/tests/support/lib.sh"
. "${STOA_SRC:?}/tests/support/feast_project.sh"
UI=${STOA_FEAST_UI:-}
[ -n "$UI" ] || skip_all "STOA_FEAST_UI names no folder for the packages of npm (280 MB)"
command -v npm > /dev/null && command -v node > /dev/null && command -v sqlite3 > /dev/null || skip_all "npm, node and sqlite3 are needed"
mkdir -p "$UI" && cd "$UI" || exit 99
if [ ! -d node_modules/@feast-dev/feast-ui ]; then
  npm install --no-audit --no-fund @feast-dev/feast-ui@0.66.0 @elastic/eui@95.12.0 @emotion/react@11.13.3 react@18 react-dom@18 esbuild jsdom@24 > "$T/npm.log" 2>&1 || skip_all "npm has no packages: $(tail -1 "$T/npm.log")"
fi
cp "$STOA_SRC"/tests/support/feast_ui/* .
npx esbuild main.jsx --bundle --outfile="$T/bundle.js" --loader:.js=jsx --loader:.css=empty --loader:.svg=dataurl --loader:.png=dataurl --loader:.woff=dataurl --loader:.woff2=dataurl '--define:process.env.NODE_ENV="production"' --define:global=window --log-level=error > "$T/esbuild.log" 2>&1 || { cat "$T/esbuild.log"; exit 99; }
feast_project "$T/shop"
serve "$T/shop" || exit 1
shows() { # PAGE WORD...
  page=$1; shift
  ok "$page shows $*" node look.mjs "$T/bundle.js" "$HTTP" "/p/shop$page" "$@"
}
shows "" '11Feature Views' '3Feature Services' '2Entities'
shows /feature-view txn_rfm price_sensitivity ondemand cust_product
shows /feature-view/txn_rfm txn_count_7d INT64 txn_sum_30d DOUBLE offer_ranking_v1 'What the customer did lately' layertransaction
shows /feature-view/price_sensitivity rate_gap quoted_rate loan
shows /feature-service offer_ranking_v1 quoted
shows /feature-service/offer_ranking_v1 txn_count_7d household
shows /entity customer customer_id STRING product_id
shows /data-source txn_events PUSH_SOURCE shop+state
shows /features txn_sum_30d decimal_bal
shows /lineage txn_rfm offer_ranking_v1 customer
ok "the server stops cleanly" stop_server
done_testing
