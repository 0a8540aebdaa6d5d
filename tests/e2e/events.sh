#!/bin/sh
# Events as clients may send them, and event types as projects change them.
. "${STOA_SRC:?}/tests/support/lib.sh"
bank 50
P=$T/bank
state() { sqlite3 "$P/state/stoa.db" "$1"; }
check() { "$STOA" check -C "$P" 2>&1; }
event() { r EVENT click "$1"; }
click() { event "{\"id\":\"$1\",\"at\":\"$2\",\"customer\":$3,\"channel\":\"web\",\"kind\":\"viewed\"}"; }
counted() { r HMGET "dialogue:$1" contact__count_7d_web | paste -sd' '; }
utc() { date -u -d "$1" +%Y-%m-%dT%H:%M:%S; }

# ---- valid times are valid, however they are written
ok "the server starts" serve "$P"
c=9000
for at in "$(utc '-1 hour')Z" "$(utc '-1 hour')+00:00" "$(utc '-1 hour')-00:00" "$(utc '-1 hour').120Z" "$(utc '-1 hour').000Z" "$(utc '-1 hour').123456789Z" \
  "$(utc '-1 hour +1 hour')+01:00" "$(utc '-1 hour +1 hour').500+01:00" "$(utc '+4 hours 45 minutes')+05:45" "$(utc '+13 hours')+14:00" "$(utc '-13 hours')-12:00" \
  "$(date -u -d '-1 day' +%F)T24:00:00Z" "$(date -u -d '-1 day' +%F)T24:00:00.000Z" "$(date -u -d '-1 hour' '+%F %T')" "$(utc '-1 hour')" "$(utc '-15 hours')" "$(utc '-6 days -23 hours')"; do
  c=$((c + 1))
  is "an event at $at" "$(click "t$c" "$at" $c)" "t$c"
  is "... counts at once" "$(counted $c)" 1
done
like "... its subject has a rank" "$(r RANK next_offer '{"subject":"9002"}')" 'rewardActionId'
for at in "$(utc '+1 hour')Z" "$(utc '+1 hour')" "$(utc '+1 hour').5+00:00" "$(utc '-7 days -1 minute')Z" "$(utc '-7 days -1 minute')" "$(utc '-7 days -1 minute').000Z"; do
  c=$((c + 1))
  is "an event at $at" "$(click "t$c" "$at" $c)" "t$c"
  is "... is not of the last 7 days" "$(counted $c)" 0
done
for at in 2026-02-30T00:00:00Z 2026-11-26T25:00:00Z 2026-11-26T24:00:01Z 2026-11-26 "" 1795735996 2026-11-26T10:00:00+25:00 2026-11-26T10:00Z; do
  like "what is no time is refused by its field: \"$at\"" "$(click bad "$at" 1)" 'ERR field "at" of event type click must be of type dateTime, such as'
done
is "times are kept in one form" "$(state "SELECT count(*) FROM event_click WHERE at GLOB '*.*0Z' OR at GLOB '*.*0+*' OR at LIKE '%+00:00' OR at LIKE '%T24%' OR at NOT GLOB '*[Z+-]*'")" 0
like "an empty id is refused" "$(click '' "$(utc '-1 hour')Z" 1)" 'ERR field "id" of event type click is its id, of 1 to'
like "... and one that is too long" "$(click "$(head -c 1025 /dev/zero | tr '\0' x)" "$(utc '-1 hour')Z" 1)" 'ERR field "id" of event type click is its id, of 1 to'
ok "... and stops" stop_server

# ---- times in sources
source_time() { # SQL: the last event of customer 7 is that long ago, written so
  sqlite3 "$P/data/engagement.db" "UPDATE event SET occurred_at = $1 WHERE event_id = (SELECT max(event_id) FROM event WHERE customer_id = 7)"
  "$STOA" features get -C "$P" dialogue 7 | jq '.contact__recency_30d_all'
}
sqlite3 "$P/data/engagement.db" "DELETE FROM event WHERE customer_id = 7 AND event_id < (SELECT max(event_id) FROM event WHERE customer_id = 7)"
near() { [ "$1" != null ] && [ "$1" -ge $(($2 - 1)) ] && [ "$1" -lt $(($2 + 60)) ]; }
for form in "strftime('%Y-%m-%dT%H:%M:%S', 'now', '-1 hour') || '+00:00'" "strftime('%Y-%m-%d %H:%M:%S', 'now', '-1 hour') || '.500'" "strftime('%Y-%m-%d %H:%M:%S', 'now', '-1 hour') || '+00'" \
  "strftime('%Y-%m-%d %H:%M:%S', 'now', '-1 hour')" "strftime('%Y-%m-%dT%H:%M:%S', 'now', '+1 hour') || '.000+02:00'"; do
  ok "a source's time is read as any is: $form" near "$(source_time "$form")" 3600
done
echo 'timezone: "+02:00"' >> "$P/stoa.yaml"
ok "timezone: says which times without a zone are meant" near "$(source_time "strftime('%Y-%m-%d %H:%M:%S', 'now', '+1 hour')")" 3600
ok "... and has no say in others" near "$(source_time "strftime('%Y-%m-%dT%H:%M:%S', 'now', '-1 hour') || 'Z'")" 3600
ok "the server starts" serve "$P"
click tz1 "$(utc '+1 hour')" 9100 > /dev/null; click tz2 "$(utc '+3 hours')" 9101 > /dev/null
is "it is that of events too" "$(counted 9100) $(counted 9101)" '1 0'
is "... which are kept with it" "$(state "SELECT at LIKE '%+02:00' FROM event_click WHERE id = 'tz1'")" 1
ok "... and stops" stop_server
if [ -f /usr/share/zoneinfo/Europe/Prague ]; then
  sed -i 's#^timezone: .*#timezone: Europe/Prague#' "$P/stoa.yaml"
  ok "a zone by its name has its summers" near "$(source_time "'$(TZ=Europe/Prague date -d '-1 hour' '+%F %T')'")" 3600
fi
for zone in '"+15:00"' Europe/Nowhere '"01:00"' '""'; do
  sed -i "s#^timezone: .*#timezone: $zone#" "$P/stoa.yaml"
  like "a timezone of $zone is refused" "$(check)" 'stoa.yaml:[0-9]+:[0-9]+: error: "[^"]*" is no time zone; use UTC, an offset such as'
done
sed -i '/^timezone/d' "$P/stoa.yaml"

# ---- event types that change while the state stays
cp "$P/stoa.yaml" "$T/as-it-was"
ask() { "$STOA" query -C "$P" --format csv -e "$B SELECT $1" 2>&1 | tr -d '\r' | paste -sd' '; }
changed() { # CLAIM SED PATTERN: refused by check and by the server, with the place
  cp "$T/as-it-was" "$P/stoa.yaml"; sed -i "$2" "$P/stoa.yaml"
  out=$(check); code=$?
  like "$1 is refused" "$out" "stoa.yaml:[0-9]+:[0-9]+: error: $3"
  is "... and check fails" "$code" 1
  like "... rank says so, and no word of another process" "$("$STOA" rank -C "$P" next_offer '{}' 2>&1)" "$3"
  like "... the server does not start" "$(timeout 20 "$STOA" serve -C "$P" --http 127.0.0.1:0 2>&1)" "$3"
}
changed "a field that is removed" '/^      kind:/d' 'event type "click" has lost the field "kind", which the state has; declare it again as string'
changed "a field that is renamed" 's/^      kind:  /      what:  /' 'event type "click" has lost the field "kind"'
changed "a field of another type" 's/customer: {type: integer, /customer: {type: string, /' 'field "customer" of event type "click" is of type string here and of type integer in the state; declare it as integer again'
changed "a field of a type with as long a name" 's/kind:     {type: string,/kind: {type: date,/' 'field "kind" of event type "click" is of type date here and of type string in the state'
changed "an id of another type" 's/      id:       {type: string}/      id: {type: integer}/' 'field "id" of event type "click" is of type integer here and of type string in the state'
changed "another id" 's/^    id: id/    id: kind/;s#click/{id}#click/{kind}#' 'the id of event type "click" is "kind" here and "id" in the state'
changed "a field twice but for capitals" 's/^      kind:.*/&\n      Kind: {type: string}/' 'field "Kind" and field "kind" differ by capitals alone'
changed "a subject without the id" 's#click/{id}#click/{kind}#' 'event type "click": the subject must hold {id}'
changed "a time that is no dateTime" 's/^    time: at/    time: kind/' 'event type "click": its time "kind" must be of type dateTime'
cp "$T/as-it-was" "$P/stoa.yaml"
sed -i 's/^      kind:.*/&\n      page: {type: string, property: "https:\/\/bank.example\/ontology#page"}/' "$P/stoa.yaml"
awk '/^      channel:/ { held = $0; next } { print } /^      kind:/ { print held }' "$P/stoa.yaml" > "$T/moved" && cp "$T/moved" "$P/stoa.yaml"
echo 'b:page a owl:DatatypeProperty .' >> "$P/ontology/$(ls "$P/ontology" | head -1)"
like "fields in another order, and a new one, are all good" "$(check)" 'all good'
ok "the server starts" serve "$P"
event '{"id":"new","page":"home","kind":"clicked","channel":"web","customer":9200,"at":"'"$(utc '-1 hour')"'Z"}' > /dev/null
is "fields are kept by their names" "$(sparql "$B SELECT ?k ?p { <https://bank.example/click/new> b:kind ?k ; b:page ?p }" | tr -d '\r' | paste -sd' ')" 'k,p clicked,home'
is "... and the past has none of the new one" "$(sparql "$B SELECT (COUNT(*) AS ?n) (COUNT(?p) AS ?m) { ?e a b:WebEvent ; b:kind \"viewed\" . FILTER(STRSTARTS(STR(?e), \"https://bank.example/click/t\")) OPTIONAL { ?e b:page ?p } }" | tr -d '\r' | paste -sd' ')" 'n,m 25,0'
ok "... and stops" stop_server
done_testing
