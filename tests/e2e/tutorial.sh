#!/bin/sh
# Every command of the tutorial runs, in order, and prints what the tutorial says it prints.
. "${STOA_SRC:?}/tests/support/lib.sh"
PATH=$BUILD:$PATH; export PATH
cd "$T" || exit 99
awk '/^```sh$/ { inside = 1; next } /^```$/ { if (inside) print "@@"; inside = 0 } inside' "$SRC/docs/tutorial.md" > "$T/commands"
n=0; block=
while IFS= read -r line; do
  if [ "$line" = @@ ]; then
    n=$((n + 1)); printf '%s\n' "$block" > "$T/block.sh"
    ok "tutorial, block $n: $(head -1 "$T/block.sh" | cut -c1-60)" sh -e "$T/block.sh"
    block=
  else
    block="$block
$line"; block=${block#
}
  fi
done < "$T/commands"
ok "the tutorial has blocks" test "$n" -ge 6
[ ! -f "$T/first-bank/server.pid" ] || kill "$(cat "$T/first-bank/server.pid")" 2> /dev/null
done_testing
