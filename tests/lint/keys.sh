#!/bin/sh
# Each key that is read from a project's files stands in its reference page.
cd "${STOA_SRC:?}" || exit 99
N=0
told() { # PAGE FILE.c...: the keys of the lists named ...keys in the files are items of the page
  page=docs/man/$1; shift
  keys=$(cat "$@" | tr '\n' ' ' | grep -o '[a-z_]*keys\[\] *= *{[^}]*}' | grep -o '"[a-z_]*"' | tr -d '"' | grep -v '^home$' | sort -u) # home: known to be refused with a remedy
  missing=$(for k in $keys; do grep -qE "^\.It Cm (.*[ ,])?$k( ,.*)?\$" "$page" || echo "$k"; done)
  N=$((N + 1))
  if [ -n "$keys" ] && [ -z "$missing" ]; then echo "ok $N - $page tells $(echo "$keys" | wc -l) keys"; else echo "not ok $N - $page lacks: $missing"; fi
}
told stoa.yaml.5 ontology/project.c personalizer/engine.c
told stoa-events.5 features/state/events.c
told stoa-policy.5 personalizer/policy.c personalizer/rails.c
told stoa-features.5 features/declaration.c features/entity.c features/registry.c
N=$((N + 1))
missing=$(grep -o '^  X([a-z_]*, "[a-z_]*"' server/limits.h | grep -o '"[a-z_]*"' | tr -d '"' | while read -r k; do grep -q "^\.It Cm $k\$" docs/man/stoa.yaml.5 || echo "$k"; done)
[ -z "$missing" ] && echo "ok $N - and every limit" || echo "not ok $N - limits without a line: $missing"
echo "1..$N"
