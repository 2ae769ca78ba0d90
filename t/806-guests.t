#!/bin/sh
# A web site's "call us": an operator makes a link by which guests call one
# subscriber, and nobody else. They can do nothing but call, are shown as the
# link, and are bounded by limits of their own, which cost others nothing. The
# callee can block them, and the operator revokes a link, which ends what has not
# been answered. So it is in each engine of the directory.
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
# new_guest NUMBER [OPTION...]: its token is in $guest, its ID in $id.
new_guest() {
	users guest "$@" --url $page >"$T/link" || return
	guest=$(sed -n 's/.*&guest=//p' "$T/link")
	id=guest.$(printf %s "$guest" | sha256sum | cut -c 1-12)
}
# as_guest METHOD TARGET [BODY]: "STATUS REASON".
as_guest() {
	curl -sS --max-time 10 --cacert "$T/switch.d/ca.pem" -D "$T/head" \
	    -o "$T/body" -X "$1" -H "Authorization: Guest $guest" \
	    ${3:+--data "$3"} "https://$(address call)$2" 2>"$T/curl.err"
	echo "$(sed -n '/^HTTP.1.1 100/d; s/^HTTP.1.1 \([0-9]*\).*/\1/p' \
	    "$T/head" | tail -n 1)" "$(header Reason)" | sed 's/ $//'
}
call() {
	as_guest INITIATE /session/bob offer
}
hang_up() {
	as_guest HANGUP "/session/$session" >/dev/null
}
# calls NAME: a call that begins; its session is in $session.
calls() {
	is "$(call)" 200 "$1"
	session=$(jq -r .sessionId "$T/body")
}
# A connection of a guest's own, which say writes to.
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

# lines N NUMBER...: what import reads about so many guests of each.
lines() {
	rp_lines=$1
	shift
	for rp_who in "$@"; do
		rp_hash=$(printf %s "$rp_who" | sha256sum | cut -c 1-64)
		echo "$rp_who $rp_hash"
		seq "$rp_lines" | awk -v who="$rp_who" -v hash="$rp_hash" '{
			printf "{\"number\":\"%s\",\"guest\":\"%04x%s\",", who,
			    $1, substr(hash, 5)
			print "\"expires\":\"2099-01-01T00:00:00Z\"}" }'
	done
}

# stopped SESSION: its callee was told that it rings no more.
stopped() {
	pushed 'select(.payload.kind == "cancel") | .payload.sessionId' |
	    grep -qx "$1"
}

# bounds: what a guest may do, which is no matter of the engine.
bounds() {
	for target in /devices /blocked /push/key /relay; do
		is "$(as_guest GET $target)" "403 guest" \
		    "it may not GET $target"
	done
	is "$(as_guest PUT /push '{"type":"command","to":{}}')" "403 guest" \
	    "nor a push registration"
	is "$(as_guest INITIATE /session/alice offer)" "403 guest" \
	    "nor a call to somebody else"
	is "$(as_guest GET /keepalive) $(as_guest GET /switches)" "200 200" \
	    "but keepalive and the switches"
	is "$(as_guest HANGUP "/session/$session")" 200 \
	    "and what belongs to the call"
	check "of which bob is told" wait_for 10 stopped "$session"
	is "$(ask alice INITIATE "/session/$id" --data offer)" \
	    "404 no-subscriber" "nobody calls a guest"
}

make_subscribers
write_conf "exec $T/pusher $T" 'connections = { recheck_ms = 1000; };' 'drain_ms = 0;'
limits="per_callee_per_minute = 8; per_guest_at_once = 3;"
sed -i "s/^call = {/call = { $limits/" "$T/switch.conf"

for engine in $engines; do
	if ! engine "$engine"; then
		pass "$engine # SKIP $engine_missing"
		continue
	fi
	list_subscribers | users import -
	: >"$T/pushes"
	open_on "$db"
	wakeable bob
	is "$(status users guest nobody --url $page)" 3 \
	    "$engine: no link to nobody"
	new_guest bob --name 'our shop'
	like "$(cat "$T/link")" "^$page#call=bob&guest=[A-Za-z0-9_-]{22}\$" \
	    "$engine: a guest's link"
	like "$(users guests)" "^$id	bob	20[^	]*	-	-	our shop\$" \
	    "$engine: it is listed"
	calls "$engine: the guest calls"
	check "$engine: bob is woken" wait_for 5 pushed_more 0
	is "$(pushed 'select(.payload.kind == "call") | .payload.caller' |
	    sort -u)" "$id" "$engine: and sees whose link it is"
	if [ "$engine" = sqlite ]; then
		bounds
	else
		hang_up
		wait_for 10 stopped "$session"
	fi
	: >"$T/pushes"
	right=$guest
	guest=AAAAAAAAAAAAAAAAAAAAAA
	is "$(call)" 401 "$engine: another token is nobody's"
	guest=$right

	# The link is taken away while bob's telephone rings.
	guest_talks ringing
	say ringing "INITIATE /session/bob body=offer"
	check "$engine: it rings" heard ringing '^response 200'
	session=$(session_of ringing)
	is "$(status users revoke-guest bob guest.000000000000)" 3 \
	    "$engine: no such link"
	check "$engine: the operator revokes it" users revoke-guest bob "$id"
	is "$(users guests bob)" "" "$engine: it is not listed any more"
	check "$engine: bob's telephone stops ringing" wait_for 10 stopped "$session"
	check "$engine: the guest is disconnected" heard ringing '^closed'
	is "$(call)" 401 "$engine: no other begins"
	bye ringing
	stop switch

	# More links than a step of a list has.
	lines 100 carol dave erin >"$T/lines"
	check "$engine: three have all links that there can be" \
	    users import "$T/lines"
	is "$(users guests | cut -f 1,2 | sort -u | wc -l)" 300 \
	    "$engine: which are listed"
	is "$(users guests dave | cut -f 2 | uniq -c | xargs)" "100 dave" \
	    "$engine: also those of one"
	is "$(status users import --update "$T/lines")" 0 \
	    "$engine: the same are no more"
	is "$(status users guest dave --url $page)" 4 "$engine: not one more"
	like "$(cat "$T/err")" 'dave: has 100 links' \
	    "$engine: and the operator is told"
	check "$engine: one less" users revoke-guest dave \
	    "$(users guests dave | sed -n '7s/	.*//p')"
	is "$(status users guest dave --url $page)" 0 "$engine: is room"
done

# Limits, which are the link's own.
engine sqlite
list_subscribers | users import -
sed -i 's/per_callee_per_minute = 8;/& unacquainted_per_hour = 7;/' \
    "$T/switch.conf"
open_on "$db"
wakeable bob
new_guest bob
for i in 1 2 3; do
	call >/dev/null
	sessions="${sessions-} $(jq -r .sessionId "$T/body")"
done
is "$(call)" "429 guest-at-once" "three calls at once by a link"
for session in $sessions; do
	as_guest HANGUP "/session/$session" >/dev/null
done
for i in 4 5 6 7; do
	calls "call $i of a link in a minute"
	hang_up
done
is "$(call)" "429 too-many-calls" "guests are strangers to the callee"
for i in 1 2 3 4 5 6 7; do
	ask alice INITIATE /session/bob --data offer
	ask alice HANGUP "/session/$(jq -r .sessionId "$T/body")" >/dev/null
done >"$T/others"
is "$(sort "$T/others" | uniq -c | xargs)" "7 200" \
    "which costs others none of their calls to bob"

new_guest bob --calls-per-hour 2 --at-once 1
calls "a link of its own limits"
is "$(call)" "429 guest-at-once" "one at once"
hang_up
calls "two"
hang_up
is "$(call)" "429 guest-per-hour" "in an hour"
check "with the time of the next" test "$(header Retry-After)" -gt 3000
is "$(metric 'rp_quota_refused_total{row="guest"}')" 1 "which is counted"

new_guest bob
is "$(ask bob PUT "/blocked/$id")" 204 "bob blocks a link"
: >"$T/pushes"
calls "whose holder is not told"
is "$(metric rp_calls_blocked_total)" 1 "but rings nowhere"
hang_up

# An answered call goes on when the link is revoked.
new_guest bob
guest_talks talking
say talking "INITIATE /session/bob body=offer"
check "a guest calls" heard talking '^response 200'
session=$(session_of talking)
talk bob bob answer
say bob "RING /session/$session body=answer"
say bob "ANSWER /session/$session"
check "bob answers" heard talking '^request ANSWER'
users revoke-guest bob "$id"
gone() {
	say talking "GET /switches"
	grep -q '^response 401' "$T/talking.out"
}
check "the link is revoked" wait_for 10 gone
say talking "INFO /session/$session body=still-here"
check "but the call goes on" heard bob 'INFO .* still-here$'
bye talking
bye bob
stop switch

# Numbers that could be taken for guests.
is "$(status users add guest.new)" 1 "no subscriber gets a guest's number"
like "$(cat "$T/err")" 'guest.new: a number that begins with guest' \
    "and rp-users says why"
echo "guest.new $(printf x | sha256sum | cut -d ' ' -f 1)" |
    users import - && fail "nor by import" || pass "nor by import"
sqlite3 "${db#sqlite:}" "INSERT INTO device (number, token_hash, added_s)
    VALUES ('guest.old', zeroblob(32), 1700000000)"
is "$(status users add guest.old)" 0 "but one who has it keeps it"

# A backup knows the links.
users guest alice --url $page --name "$(printf 'caf\303\251 "1"')" --days 2 \
    --at-once 5 >/dev/null
users link alice --url $page >/dev/null
for bad in 'a\tb' 'a\0033[31mb' 'a\0302\0233mb' '\0302' '\0377' "$(printf %0101d 0)"; do
	is "$(status users guest alice --url $page --name "$(printf %b "$bad")")" \
	    1 "no name that a terminal obeys, or that is too long: ${#bad}"
done
users guests >"$T/before"
check "export" users export "$T/lines"
is "$(grep -c '"guest"' "$T/lines")" "$(wc -l <"$T/before")" \
    "writes a line for each guest's link, and none for a device's"
db=sqlite:$T/other.db
check "import" users import "$T/lines"
is "$(users guests | diff "$T/before" -)" "" "makes the same again"
check "twice" users import --update "$T/lines"
is "$(users guests | diff "$T/before" -)" "" "and changes nothing then"
for bad in '"guest":"x"' '"guest":1,"expires":"2030-01-01T00:00:00Z"' \
    "\"guest\":\"$(printf %064d 1)\"" \
    "\"guest\":\"$(printf %064d 1)\",\"expires\":\"never\"" \
    "\"guest\":\"$(printf %064d 1)\",\"expires\":\"2030-01-01T00:00:00Z\",\"at_once\":9" \
    "\"guest\":\"$(printf %064d 1)\",\"expires\":\"2030-01-01T00:00:00Z\",\"x\":9"; do
	echo "{\"number\":\"alice\",$bad}" >"$T/bad"
	is "$(status users import "$T/bad")" 1 "not $bad"
done
finish
