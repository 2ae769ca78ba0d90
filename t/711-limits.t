#!/bin/sh
# What a subscriber may cost others has limits. Nobody finds out by trying who
# can be called, also not a subscriber who has a thousand connections. Nobody
# rings another all the time, and an unknown caller can be held to one ring. Changes of one's own devices are few, and they are
# handled one at a time, so that the directory stays free for others.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
for who in carol dave; do
	rp-users --db "sqlite:$T/switch.d/rp.db" add $who \
	    >"$T/switch.d/$who.token"
done
write_conf "exec $T/pusher $T" "drain_ms = 0;"
sed -i 's/^call = {/call = { per_pair_per_minute = 3;/' "$T/switch.conf"
start_configured
wakeable bob
wakeable dave
refused() {
	metric "rp_quota_refused_total{row=\"$1\"}"
}

# A name after the other. What is known is not told either, as long as that lasts.
is "$(for i in 1 2 3 4 5 6 7 8; do
	ask alice INITIATE "/session/+2721555010$i" --data offer
done | uniq -c | xargs)" "5 404 no-subscriber 3 429 too-many-calls" \
    "five of nobody, and no more"
like "$(header Retry-After)" '^[1-9][0-9]?$' "which says how long to wait"
is "$(ask alice INITIATE /session/bob --data offer)" "429 too-many-calls" \
    "a number that somebody has is answered alike"
is "$(refused unknown)" 4 "which is counted"
is "$(pushed .type | wc -l)" 0 "and nobody was rung"

# A pair, and others beside it.
loop() {
	for i in $(seq "$3"); do
		ask "$1" INITIATE "/session/$2" --data offer
		id=$(jq -r .sessionId "$T/body" 2>/dev/null)
		[ -z "$id" ] || ask "$1" HANGUP "/session/$id" >"$T/hangup"
		: >"$T/body"
	done
}
loop carol bob 6 >"$T/asked"
is "$(sort "$T/asked" | uniq -c | xargs)" "3 200 3 429 too-many-calls" \
    "carol may ring bob three times in a row"
is "$(refused call-pair)" 3 "which is counted"
is "$(pushed 'select(.payload.kind == "call") | .id' | sort -u | wc -l)" 3 \
    "bob's device was told of three"
is "$(ask carol INITIATE /session/dave --data offer)" 200 "carol rings dave"
is "$(loop dave bob 1)" 200 "and dave bob"

# Who has never talked to one may be held to one ring.
sed -i 's/per_pair_per_minute = 3;/& unacquainted_per_hour = 1;/' \
    "$T/switch.conf"
kill -HUP "$(cat "$T/switch.pid")"
wait_for 10 grep -q 'event=reload' "$T/switch.err"
is "$(loop dave bob 2 | xargs)" "200 429 too-many-calls" \
    "one ring of a caller whom bob does not know"
is "$(refused call-unacquainted)" 1 "which is counted"
is "$(loop bob dave 1)" 200 "bob calls dave"
is "$(loop dave bob 1)" 200 "and may be called by him"

# Changes of one's own devices.
talk bob bob
writes() {
	i=0
	while [ $i -lt 40 ]; do
		echo 'PUT /push body={"type":"command","to":{}}'
		i=$((i + 1))
	done >"$T/bob.in"
	wait_for 20 sh -c "[ \$(grep -c '^response' $T/bob.out) = 40 ]"
}
check "forty changes are answered" writes
made=$(count bob '^response 204')
check "some thirty are made ($made), one more than once in two seconds" \
    test "$made" -ge 29 -a "$made" -lt 40
is "$(count bob '^response 429 too-many-writes [1-9] ')" $((40 - made)) \
    "the others are answered 429"
is "$(refused write)" $((40 - made)) "and counted"
is "$(ask bob GET /devices)" 200 "what is there may be read"
is "$(ask dave PUT /push --data '{"type":"command","to":{}}')" 204 \
    "and others may change theirs"

# One connection, as carol and dave in turn. Each change is looked up.
changes() {
	i=0
	while [ $i -lt 200 ]; do
		for who in carol dave; do
			printf 'GET /keepalive HTTP/1.1\r\nHost: x\r\n'
			printf 'Authorization: Basic %s\r\n\r\n' "$(printf %s \
			    "$who:$(token $who)" | base64 -w 0)"
		done
		i=$((i + 1))
	done
	printf 'PUT / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
}
changes >"$T/changes"
timeout 60 openssl s_client -quiet -connect "$(address call)" <"$T/changes" \
    2>/dev/null | tr -d '\r' | grep -E '^(HTTP|Reason)' | sort | uniq -c \
    >"$T/changed"
made=$(awk '/ 200 / { print $1 }' "$T/changed")
check "some three hundred changes of credentials ($made)" \
    test "$made" -ge 300 -a "$made" -lt 400
like "$(cat "$T/changed")" "$((400 - made)) Reason: too-many-credentials" \
    "the others are answered 429"

command -v sqlite3 >/dev/null || {
	skip "one at a time" "needs sqlite3"
	finish
}
# While the directory is slow, dave's connections wait for each other.
came() {
	[ "$(metric 'rp_requests_total{method="PUT"}')" -ge "$1" ]
}
asked=$(metric 'rp_requests_total{method="PUT"}')
mkfifo "$T/hold"
start hold sh -c "exec sqlite3 '$T/switch.d/rp.db' <'$T/hold'"
exec 7>"$T/hold"
echo 'BEGIN IMMEDIATE; SELECT 1;' >&7
wait_for 10 grep -q 1 "$T/hold.out"
for i in 1 2 3 4 5 6; do
	talk dave$i dave
	say dave$i 'PUT /push body={"type":"command","to":{"n":1}}'
done
check "six changes wait" wait_for 5 came $((asked + 6))
bye dave3
echo 'ROLLBACK;' >&7
exec 7>&-
all_made() {
	for i in 1 2 4 5 6; do
		grep -q '^response 204' "$T/dave$i.out" || return 1
	done
}
check "then all are made, but that of a client who has left" wait_for 20 \
    all_made
is "$(ask dave GET /devices)" 200 "and dave has a turn again"
stop switch
is $? 0 "the switch stops"
finish
