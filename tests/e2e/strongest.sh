#!/bin/sh
# stoa policy show: what a model goes by, in the terms of graph and request, and what it would forget with its subject.
. "${STOA_SRC:?}/tests/support/lib.sh"
bank 50
P=$T/bank
cat > "$P/personalizer/menu.yaml" <<'X'
policy: menu
actions: [{id: card, features: {kind: lock}}, {id: loan}]
explorer: {kind: epsilon, epsilon: 1}
learner: {bits: 12}
X
show() { "$STOA" policy show -C "$P" "$1"; }
ok "the server starts" serve "$P"
i=0
while [ $i -lt 60 ]; do # card suits who is at home, loan who is away
  i=$((i + 1)); [ $((i % 2)) = 0 ] && where=home || where=away
  chosen=$(r RANK menu '{"eventId":"e'$i'","contextFeatures":[{"where":"'$where'","who":{"inner":{"age":2}}}]}' | jq -r .rewardActionId)
  case $where$chosen in homecard | awayloan) r REWARD e$i 1 > /dev/null ;; *) r REWARD e$i 0 > /dev/null ;; esac
done
told=$(r POLICY.SHOW menu)
like "the explorer is told" "$told" '^explorer: \{kind: epsilon, epsilon: 1, floor: 0.002\}'
like "... and the learner, with what it takes" "$told" '^learner: \{kind: adaptive, bits: 12, rate: \[0.5, 0.1, 2, 0.02, 0.004\], interactions: \[a, ca\]\}, 0.2 MB of weights'
like "a pair that raises the reward" "$told" '^feature a.id=card x c.where=home: \+0\.[0-9]+, of mean value 1, in 30 of the last 60 decisions'
like "... and one that lowers it" "$told" '^feature a.id=card x c.where=away: -0\.[0-9]+, of mean value 1, in 30 of the last 60'
like "a number by its name, however deep" "$told" '^feature a.id=(card|loan) x c.who.inner.age: [+-]0\.[0-9]+, of mean value 2, in 60 of the last 60'
like "features of the policy's file" "$told" '^feature a.kind=lock x c.where='
is "the strongest first" "$(printf '%s\n' "$told" | sed -n 's/^feature .*: \([+-][0-9.]*\), of mean value \([0-9.]*\),.*/\1 \2/p' | awk '{ s = ($1 < 0 ? -$1 : $1) * $2; if (NR > 1 && s > last + 1e-3) bad = 1; last = s } END { print (NR > 5), bad + 0 }')" "1 0"
is "a policy that has decided nothing has none" "$(r POLICY.SHOW next_offer | grep -c '^feature')" 0
r RANK next_offer '{"eventId":"s","subject":"7"}' > /dev/null; r REWARD s 1 > /dev/null
like "what came from the graph" "$(r POLICY.SHOW next_offer)" '^feature a\.(id|family|term)=[a-z_]+ x graph\.[a-z_0-9]+'
is "... goes with its subject" "$(r ERASE customer 7 > /dev/null; r POLICY.SHOW next_offer | grep -c '^feature')" 0
ok "the server stops" stop_server
is "without a server it tells the same" "$(show menu | grep '^feature')" "$(printf '%s\n' "$told" | grep '^feature')"
done_testing
