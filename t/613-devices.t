#!/bin/sh
# A subscriber's own devices. Each can list them and remove any of them, and
# none of somebody else's. A removed device is refused, also on a connection
# that it has. The day of its last use is kept. A list that is full makes room
# for a new device: the one that was unused the longest goes.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
db=$T/switch.d/rp.db
rp-users --db "sqlite:$db" add alice --token-file "$T/switch.d/tablet.token"
write_conf "exec $T/pusher $T" 'registration = { enabled = true; };'
start_configured

hash_of() {
	printf %s "$(token "$1")" | sha256sum | cut -c 1-16
}
# as NAME COMMAND...: alice speaks with that token.
as() {
	mv "$T/switch.d/alice.token" "$T/switch.d/alice.kept"
	cp "$T/switch.d/$1.token" "$T/switch.d/alice.token"
	shift
	"$@"
	rp_status=$?
	mv "$T/switch.d/alice.kept" "$T/switch.d/alice.token"
	return $rp_status
}
# listed FILTER: what jq makes of alice's list.
listed() {
	ask alice GET /devices >"$T/asked"
	jq -r "$1" "$T/body"
}

wakeable alice
is "$(listed '[.devices[].id] | sort | join(" ")')" \
    "$(printf '%s\n' "$(hash_of alice)" "$(hash_of tablet)" | sort | xargs)" \
    "a subscriber lists its devices"
is "$(cat "$T/asked")" 200 "which is answered 200"
is "$(listed '[.devices[] | select(.self) | .id] | join(" ")')" \
    "$(hash_of alice)" "one of which is this one"
is "$(listed '.devices[] | "\(.push) \(.self)"' | sort | xargs)" \
    "command true null false" "and has a registration, by type"
check "each was added now" test "$(listed "[.devices[].added |
    select(. > $(date +%s) - 600)] | length")" = 2
if grep -q "$(token alice)" "$T/body"; then
	fail "no token is in it"
else
	pass "no token is in it"
fi
today=$(($(date +%s) / 86400 * 86400))
used_today() {
	[ "$(listed '.devices[] | select(.self) | .used')" -ge $today ]
}
check "the day of the last use is kept" wait_for 5 used_today
is "$(listed '.devices[] | select(.self | not) | .used')" null \
    "but not of one that nobody used"

is "$(ask alice DELETE /devices/0123456789abcdef)" "404 no-device" \
    "an unknown device: 404"
is "$(ask bob DELETE "/devices/$(hash_of alice)")" "404 no-device" \
    "another's: 404"
is "$(ask alice DELETE "/devices/$(hash_of tablet | cut -c 1-8)")" \
    "404 no-device" "half an id: 404"
is "$(ask alice POST /devices)" 405 "another method: 405"
as tablet talk tablet alice
say tablet "GET /keepalive"
check "the other device is connected" heard tablet '^response 200'
is "$(ask alice DELETE "/devices/$(hash_of tablet)")" 204 "it is removed"
check "its connection ends" heard tablet '^closed'
is "$(as tablet ask alice GET /keepalive)" 401 "and it is refused"
is "$(listed '.devices | length')" 1 "one is left"
bye tablet

# One after the other, each by a code of its own, to one number.
open() {
	curl -sS --max-time 10 --cacert "$T/switch.d/ca.pem" -o "$T/body" \
	    -w '%{http_code}' -X "$1" ${3:+--data "$3"} \
	    "https://$(address call)$2"
}
register() {
	: >"$T/pushes"
	open POST "/verification/$1" >/dev/null
	wait_for 5 test -s "$T/pushes"
	open PUT "/subscriber/$1" \
	    "{\"code\":\"$(pushed .payload.code)\",\"token\":\"$2\"}"
}
number=+27215551234
for i in $(seq 10 25); do
	# The older, the longer unused; the oldest was used yesterday.
	printf "INSERT INTO device (number, token_hash, added_s, seen_s)
	    VALUES ('$number', x'%064x', %d, %d);\n" "$i" "$i" \
	    $((i == 10 ? today - 86400 : 0))
done | sqlite3 "$db"
is "$(register "$number" 0123456789abcdef0123456789abcdef)" 201 \
    "the 17th device is registered"
is "$(sqlite3 "$db" "SELECT count(*) FROM device WHERE number = '$number'")" \
    16 "there are 16 now"
is "$(sqlite3 "$db" "SELECT count(*) FROM device WHERE number = '$number' AND
    hex(token_hash) LIKE '%0B'")" 0 "the one that was unused the longest went"
is "$(sqlite3 "$db" "SELECT count(*) FROM device WHERE number = '$number' AND
    hex(token_hash) LIKE '%0A'")" 1 "and not an older one that was used"

talk alice alice
say alice "GET /keepalive"
heard alice '^response 200'
is "$(ask alice DELETE /devices/self)" 204 "a device signs itself out"
is "$(header Connection)" close "its connection is closed"
check "and so is its other one" heard alice '^closed'
is "$(ask alice GET /keepalive)" 401 "it is refused"
stop switch
is $? 0 "the switch stops"
finish
