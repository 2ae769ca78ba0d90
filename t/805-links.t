#!/bin/sh
# An operator gives a subscriber a link, which lets one more device in at any
# switch, without an SMS. It is good once, also for two devices that come at the
# same time, for minutes, and for the one subscriber that it was made for. The
# device that used it may ask again, while it is there. So it is in each engine of
# the directory, also in one that version 0.1.0 made. A terminal shows the link as
# a QR code.
. "$(dirname "$0")/lib.sh"
# Servers leave their ports, and come back to them.
own_network "$0" "$@"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/engines.sh"

page=https://calls.example.org/
users() {
	rp-users --db "$db" "$@" 2>"$T/err"
}
status() {
	"$@" >/dev/null
	echo $?
}
key_of() {
	sed -n 's/.*#join=\([^&]*\)&.*/\1/p' "$1"
}
# enter CODE NUMBER TOKEN [READY]: what a new device asks; "STATUS REASON".
enter() {
	curl -sS --max-time 10 --cacert "$T/switch.d/ca.pem" -o "$T/enter.body" \
	    -D "$T/enter.$3" -X PUT \
	    --data "{\"code\":\"$1\",\"token\":\"$3\"}" \
	    "https://$(ready "${4:-$T/switch.ready}" call)/subscriber/$2" \
	    2>/dev/null
	tr -d '\r' <"$T/enter.$3" |
	    sed -n 's/^HTTP.1.1 \([0-9]*\).*/\1/p; s/^Reason: //p' | xargs
}
# new_link NUMBER: a new link; its code is in $code.
new_link() {
	users link "$1" --url "$page" >"$T/link" || return
	code=$(key_of "$T/link")
}
devices() {
	users show "$1" | wc -l
}
# expire: every link of the engine is too old now.
expire() {
	case $1 in
	sqlite) sqlite3 "${db#sqlite:}" "UPDATE guest SET expires_s = 1" ;;
	postgresql) sql "$rp_pg_port" "UPDATE rp_guest SET expires_s = 1" \
	    "place$rp_places" ;;
	redis) redis-cli -p "$rp_redis_port" -n "$rp_places" --raw KEYS \
	    'rp:g:*' | xargs redis-cli -p "$rp_redis_port" -n "$rp_places" \
	    DEL >/dev/null ;;
	esac
}
# start_other: a second switch on the same directory.
start_other() {
	sed 's|switch.d/control|switch.d/other-control|' "$T/switch.conf" \
	    >"$T/other.conf"
	rm -f "$T/other.ready"
	start other rp-switchd -c "$T/other.conf" --ready-file "$T/other.ready"
	wait_for 20 test -s "$T/other.ready" ||
	    give_up "another switch" "$T/other.err"
}
secret() {
	printf '%s-0123456789abcdef0123456789abcdef' "$1"
}
known() {
	curl -sS --max-time 10 --cacert "$T/switch.d/ca.pem" -o /dev/null \
	    -w '%{http_code}' -u "$1:$2" \
	    "https://$(address call)/keepalive" 2>/dev/null
}

make_subscribers
write_conf "exec $T/pusher $T"
is "$(rp-users --db "sqlite:$T/none.db" link bob --url $page 2>/dev/null
    echo $?)" 2 "no link where there is no directory"

for engine in $engines; do
	if ! engine "$engine"; then
		pass "$engine # SKIP $engine_missing"
		continue
	fi
	users add alice >"$T/alice.token"
	users add bob >/dev/null
	open_on "$db"
	start_other

	is "$(status users link nobody --url $page)" 3 \
	    "$engine: no link for who is not there"
	new_link alice
	like "$(cat "$T/link")" \
	    "^$page#join=[A-Za-z0-9_-]{22}&number=alice\$" "$engine: a link"
	is "$(enter AAAAAAAAAAAAAAAAAAAAAA alice "$(secret x)")" "403 code" \
	    "$engine: another code gets nobody in"
	is "$(enter "$code" bob "$(secret x)")" "403 code" \
	    "$engine: nor does this one for somebody else"
	is "$(enter "$code" alice "$(secret one)" "$T/other.ready")" 201 \
	    "$engine: the other switch takes it, without registration"
	is "$(known alice "$(secret one)")" 200 "$engine: the device is known"
	is "$(enter "$code" alice "$(secret one)")" 201 \
	    "$engine: whose answer was lost asks again"
	is "$(enter "$code" alice "$(secret two)")" "403 code" \
	    "$engine: it is good once"
	is "$(devices alice)" 2 "$engine: there is one more device"
	id=$(users devices alice | cut -f 1 | while read -r id; do
		users show alice | cut -f 2 | grep "^$id" | grep -q "$(printf %s \
		    "$(secret one)" | sha256sum | cut -c 1-64)" && echo "$id"
	done)
	users revoke alice "$id"
	is "$(enter "$code" alice "$(secret one)")" "403 code" \
	    "$engine: a device that was removed does not come back by it"

	new_link alice
	expire "$engine"
	is "$(enter "$code" alice "$(secret three)")" "403 code" \
	    "$engine: not when it is too old"

	new_link bob
	enter "$code" bob "$(secret left)" >"$T/left" &
	left=$!
	enter "$code" bob "$(secret right)" "$T/other.ready" >"$T/right"
	wait $left
	is "$(cat "$T/left" "$T/right" | sort | xargs)" "201 403 code" \
	    "$engine: of two devices at the same time one gets in"
	is "$(devices bob)" 2 "$engine: one"

	for i in $(seq 14); do
		users add bob >/dev/null
	done
	new_link bob
	is "$(enter "$code" bob "$(secret late)") $(devices bob)" "201 16" \
	    "$engine: a seventeenth device takes the place of another"
	new_link bob
	users block bob
	is "$(enter "$code" bob "$(secret blocked)")" "403 blocked" \
	    "$engine: a blocked number gets no device"
	users unblock bob
	users remove bob
	users add bob >/dev/null
	is "$(enter "$code" bob "$(secret gone)")" "403 code" \
	    "$engine: what is removed takes its links along"
	stop other
	stop switch
done

# Many wrong codes of one network.
engine sqlite
users add alice >/dev/null
users add +27215550100 >/dev/null
open_on "$db"
for i in 1 2 3 4 5; do
	enter AAAAAAAAAAAAAAAAAAAAAA alice "$(secret x)" >/dev/null
done
new_link alice
is "$(enter "$code" alice "$(secret y)")" "429 too-many-guesses" \
    "wrong codes are limited"
is "$(metric 'rp_joins_total{result="wrong"}')" 5 "and counted"

# A number with a + stays one when a page reads the fragment as a query.
users link +27215550100 --url $page >"$T/link"
like "$(cat "$T/link")" '&number=%2B27215550100$' "a telephone number"
code=$(key_of "$T/link")
is "$(enter "$code" %2B27215550100 "$(secret tel)")" 201 "joins, too"
is "$(metric 'rp_joins_total{result="joined"}')" 1 "which is counted"
stop switch

# Mistakes.
is "$(status users link alice)" 1 "whose page?"
like "$(cat "$T/err")" '^rp-users: --url: wants the address' "it says so"
is "$(rp-users --config "$T/switch.conf" link alice 2>/dev/null | cut -d '#' \
    -f 1)" "https://127.0.0.1/" "that of the switch, if it is known"
for bad in ftp://calls.example.org/ 'https://a/#x' 'https://a b/'; do
	is "$(status users link alice --url "$bad")" 1 "no page: $bad"
done
for bad in 0 1441 x ''; do
	is "$(status users link alice --url $page --minutes "$bad")" 1 \
	    "no time: '$bad'"
done
is "$(status users list --minutes 3)" 1 "of links only"

# By a directory that 0.1.0 has made.
sqlite3 "$T/old.db" "CREATE TABLE device (number TEXT NOT NULL,
    token_hash BLOB NOT NULL CHECK (length(token_hash) = 32),
    added_s INTEGER NOT NULL, push TEXT NOT NULL DEFAULT '',
    push_s INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (number, token_hash))
    WITHOUT ROWID; CREATE TABLE touched (times INTEGER NOT NULL);
    INSERT INTO touched VALUES (0); INSERT INTO device (number, token_hash,
    added_s) VALUES ('alice', zeroblob(32), 0); PRAGMA user_version = 1"
db=sqlite:$T/old.db
open_on "$db"
new_link alice
is "$(enter "$code" alice "$(secret old)")" 201 "a directory of version 0.1.0"
stop switch

# A terminal sees a code that a camera reads.
if ! command -v zbarimg >/dev/null; then
	skip "the QR code says the same" "no zbarimg"
elif ! users link alice --url $page --qr >"$T/drawn"; then
	skip "the QR code says the same" "built without libqrencode"
else
	sed 1d "$T/drawn" | perl -CS -ne 'chomp; my @r = ("", "");
	    for (split //) {
		$r[0] .= /[\x{2580}\x{2588}]/ ? "0 " x 4 : "1 " x 4;
		$r[1] .= /[\x{2584}\x{2588}]/ ? "0 " x 4 : "1 " x 4; }
	    push @rows, ($r[0]) x 4, ($r[1]) x 4;
	    END { printf "P1\n%d %d\n%s\n", length($rows[0]) / 2,
		scalar(@rows), join("\n", @rows) }' >"$T/drawn.pbm"
	is "$(zbarimg -q --raw "$T/drawn.pbm" 2>/dev/null)" \
	    "$(head -n 1 "$T/drawn")" "the QR code says the same"
fi
finish
