#!/bin/sh
# What the holder of a guest's link can cost others. An SMS that a guest causes
# counts for the link, and takes none from those who are allowed to wake the same
# number. Holders who call at the same time have no more calls than the link has.
# A guest cannot touch a call of somebody else. Of a link that is too old the
# unanswered calls end, and the answered ones go on. Whatever a token looks like,
# only the right one counts. Of several devices with one link one gets in. The log
# has neither tokens nor who called whom.
. "$(dirname "$0")/lib.sh"
# Servers leave their ports, and come back to them.
own_network "$0" "$@"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/engines.sh"

page=https://calls.example.org/
number=+27215550100
users() {
	rp-users --db "$db" "$@" 2>"$T/err"
}
# new_guest NUMBER [OPTION...]: its token is in $guest, its ID in $id.
new_guest() {
	users guest "$@" --url $page >"$T/link" || return
	guest=$(sed -n 's/.*&guest=//p' "$T/link")
	id=guest.$(printf %s "$guest" | sha256sum | cut -c 1-12)
	echo "$guest" >>"$T/secrets"
}
# guest_asks METHOD TARGET [BODY]: "STATUS REASON".
guest_asks() {
	curl -sS --max-time 10 --cacert "$T/switch.d/ca.pem" -D "$T/head" \
	    -o "$T/body" -X "$1" -H "Authorization: Guest $guest" \
	    ${3:+--data "$3"} "https://$(address call)$2" 2>"$T/curl.err"
	echo "$(sed -n '/^HTTP.1.1 100/d; s/^HTTP.1.1 \([0-9]*\).*/\1/p' \
	    "$T/head" | tail -n 1)" "$(header Reason)" | sed 's/ $//'
}
# guest_talks NAME: a connection of the guest's own, which say writes to.
guest_talks() {
	mkfifo "$T/$1.in"
	start "$1" sh -c 'exec "$@" <"$0"' "$T/$1.in" "$rp_sigtalk" \
	    -a "$(address call)" -c "$T/switch.d/ca.pem" -g "$guest"
	start "$1.hold" sh -c 'exec sleep 600 >"$0"' "$T/$1.in"
	wait_for 10 grep -q '^ready' "$T/$1.out"
}
session_of() {
	sed -n 's/.*"sessionId":"\([0-9a-f]*\)".*/\1/p' "$T/$1.out" | head -n 1
}
# rings N COMMAND...: so many calls, each hung up; "STATUS REASON" of each kind.
rings() {
	for i in $(seq "$1"); do
		"$2" INITIATE "/session/$number"
		rp_session=$(jq -r '.sessionId // empty' "$T/body" 2>/dev/null)
		[ -z "$rp_session" ] ||
		    "$2" HANGUP "/session/$rp_session" >"$T/hangup"
		: >"$T/body"
	done | sort | uniq -c | xargs
}
guest_rings() {
	guest_asks "$1" "$2" offer
}
alice_rings() {
	ask alice "$1" "$2" --data offer
}
sent_sms() {
	pushed 'select(.payload.kind == "call" and .type == "sms") | .id' |
	    sort -u | wc -l
}
# stopped SESSION: its callee was told that it rings no more.
stopped() {
	pushed 'select(.payload.kind == "cancel") | .payload.sessionId' |
	    grep -qx "$1"
}

make_subscribers
db=sqlite:$T/switch.d/rp.db
users add $number >"$T/switch.d/$number.token"
write_conf "exec $T/pusher $T" 'connections = { recheck_ms = 1000; };' \
    'sms = { per_number_per_hour = 4; per_callee_per_hour = 4;
	per_caller_per_hour = 3; };' 'drain_ms = 0;'
limits="per_pair_per_minute = 0; per_caller_per_minute = 0;"
sed -i "s/^call = {/call = { $limits/" "$T/switch.conf"
open_on "$db"

# SMS.
is "$(ask $number PUT /push \
    --data "{\"type\":\"sms\",\"to\":{\"number\":\"$number\"}}")" 204 \
    "a telephone is woken by SMS"
new_guest $number
is "$(rings 5 guest_rings)" "3 200 2 429 too-many-sms" \
    "a guest causes the SMS of one caller"
is "$(sent_sms)" 3 "and no more are sent"
is "$(metric 'rp_quota_refused_total{row="sms-caller"}')" 2 "as is counted"
is "$(rings 4 alice_rings)" "3 200 1 429 too-many-sms" \
    "which leaves others all of theirs"
is "$(ask bob INITIATE "/session/$number" --data offer)" 200 \
    "and the number its last one"

# A session of somebody else.
wakeable bob
new_guest bob
is "$(guest_asks INITIATE /session/bob offer)" 200 "a guest calls bob"
session=$(jq -r .sessionId "$T/body")
is "$(ask alice INITIATE /session/bob --data offer)" 200 "and so does alice"
hers=$(jq -r .sessionId "$T/body")
own=$guest
for whose in "$hers $own" "$session $(new_guest bob && echo "$guest")"; do
	guest=${whose#* }
	for method in RESUME HANGUP INFO RING ANSWER; do
		is "$(guest_asks $method "/session/${whose% *}" x)" 404 \
		    "no $method of another's session"
	done
done
guest=$own
is "$(guest_asks RESUME "/session/$session")" 200 "but of its own"
is "$(guest_asks HANGUP "/session/$session")" 200 "also to end it"
is "$(ask alice HANGUP "/session/$hers")" 200 "and alice has hers"

# Tokens.
for length in 1 21 23 255 256 300 5000; do
	guest=$(printf "%${length}s" | tr ' ' A)
	is "$(guest_asks GET /keepalive)" 401 "no token of $length letters"
done
for guest in "" "=" "$own=" " $own x" "${own%?}" "$(printf %s "$own" | tr \
    '[:lower:][:upper:]' '[:upper:][:lower:]')"; do
	is "$(guest_asks GET /keepalive)" 401 "nor '${guest%%"$own"*}...'"
done
guest=$own
is "$(guest_asks GET /keepalive)" 200 "only the right one"

# A link that gets too old.
too_old() {
	sqlite3 "${db#sqlite:}" "UPDATE guest SET expires_s = 1"
}
new_guest bob
guest_talks talking
say talking "INITIATE /session/bob body=offer"
check "a guest calls" heard talking '^response 200'
session=$(session_of talking)
talk bob bob answer
say bob "RING /session/$session body=answer"
say bob "ANSWER /session/$session"
check "bob answers" heard talking '^request ANSWER'
: >"$T/pushes"
guest_talks ringing
say ringing "INITIATE /session/bob body=offer"
check "another one rings" heard ringing '^response 200'
too_old
check "when the link is too old, the ringing ends" heard ringing '^closed'
check "as bob is told" wait_for 10 stopped "$(session_of ringing)"
is "$(guest_asks INITIATE /session/bob offer)" 401 "no other call begins"
say talking "INFO /session/$session body=still-here"
check "but the one that was answered goes on" heard bob \
    'INFO .* still-here$'
bye talking
bye bob
bye ringing

# Several devices with one link, at the same time.
users link alice --url $page >"$T/link"
code=$(sed -n 's/.*#join=\([^&]*\)&.*/\1/p' "$T/link")
echo "$code" >>"$T/secrets"
before=$(users show alice | wc -l)
for i in 1 2 3 4 5 6 7 8; do
	curl -sS --max-time 20 --cacert "$T/switch.d/ca.pem" -o /dev/null \
	    -w '%{http_code}\n' -X PUT --data "{\"code\":\"$code\",
	    \"token\":\"device$i-0123456789abcdef0123456789abcdef\"}" \
	    "https://$(address call)/subscriber/alice" >"$T/joins.$i" \
	    2>"$T/joins.err.$i" &
	joins="${joins-} $!"
done
# shellcheck disable=SC2086
wait $joins
is "$(cat "$T"/joins.[1-8] | sort | uniq -c | grep 201 | xargs)" "1 201" \
    "of eight devices one gets in"
is "$(users show alice | wc -l)" $((before + 1)) "and is all that is new"

# Whoever tries many codes needs a connection for each.
is "$(printf 'PUT /subscriber/x%s HTTP/1.1\r\nHost: x\r\nContent-Length: 78\r\n\r\n{"code":"AAAAAAAAAAAAAAAAAAAAAA","token":"0123456789abcdef0123456789abcdef"}  ' \
    1 2 3 | timeout 10 openssl s_client -quiet -CAfile "$T/switch.d/ca.pem" \
    -connect "$(address call)" 2>/dev/null | grep -ac '^HTTP/1.1 403')" 1 \
    "a wrong code is the last thing on a connection"

# What the log has at its default level.
users guests bob >"$T/ids"
is "$(grep -cE "guest\.[0-9a-f]|alice|bob|${number#+}" "$T/switch.err")" 0 \
    "the log does not say who called whom"
is "$(grep -cFf "$T/secrets" "$T/switch.err")" 0 "and holds no token"
stop switch

# Holders who all begin while the callee is looked up.
if ! engine redis; then
	skip "calls at once" "$engine_missing"
	finish
fi
list_subscribers | users import -
open_on "$db"
wakeable bob
new_guest bob --at-once 1
for i in 1 2 3; do
	guest_talks "holder$i"
	say "holder$i" "GET /keepalive"
	heard "holder$i" '^response 200' >/dev/null
done
kill -STOP "$(cat "$T/redis.pid")"
for i in 1 2 3; do
	say "holder$i" "INITIATE /session/bob body=offer"
done
asked() {
	metric_least 'rp_requests_total{method="INITIATE"}' 3
}
check "three call at the same time" wait_for 10 asked
kill -CONT "$(cat "$T/redis.pid")"
for i in 1 2 3; do
	check "holder $i is answered" \
	    heard "holder$i" '^response (200.*sessionId|429|503)'
done
is "$(cat "$T"/holder?.out | grep -c 'sessionId')" 1 "one of them calls"
stop switch
finish
