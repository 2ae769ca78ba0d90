#!/bin/sh
# A push with all that a device may begin with ("early" in rp-push(7)) is captured
# and used by others, or later, or for more. Its credentials are good at the relay
# while their call lasts and in it alone, and no request that it names opens
# anything once the call is over or was answered elsewhere.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

turnask=$RP_BUILD/t/tools/turnask
make_subscribers
for who in carol dave; do
	rp-users --db "sqlite:$T/switch.d/rp.db" add $who \
	    >"$T/switch.d/$who.token"
done
rp-users --db "sqlite:$T/switch.d/rp.db" add bob \
    --token-file "$T/switch.d/tablet.token"
write_conf "exec $T/pusher $T"
sed -i 's/repeat_ms = 300/repeat_ms = 60000/
    s/^call = { /&per_pair_per_minute = 0; push_ms = 120000; ring_ms = 120000; /' \
    "$T/switch.conf"
start_configured

# as TOKEN COMMAND...: with this token in the place of bob's.
as() {
	mv "$T/switch.d/bob.token" "$T/switch.d/own.token"
	cp "$T/switch.d/$1.token" "$T/switch.d/bob.token"
	shift
	"$@"
	rp_status=$?
	mv "$T/switch.d/own.token" "$T/switch.d/bob.token"
	return $rp_status
}
"$RP_BUILD/t/tools/webpush" keys >"$T/keys"
# register NUMBER ENDPOINT
register() {
	ask "$1" PUT /push --data "{\"type\":\"webpush\",\"to\":{
	    \"endpoint\":\"https://push.example.net/$2\",\"keys\":{
	    \"p256dh\":\"$(sed -n 2p "$T/keys")\",
	    \"auth\":\"$(sed -n 3p "$T/keys")\"}}}"
}
is "$(register bob phone) $(as tablet register bob tablet) $(register dave d)" \
    "204 204 204" "the devices are registered"

printf 'v=0\r\ns=-\r\n' >"$T/offer"
# call NAME CALLER CALLEE N: N devices are pushed; $id is its session, and
# $T/NAME has the pushes.
call() {
	: >"$T/pushes"
	is "$(ask "$2" INITIATE "/session/$3" --data-binary @"$T/offer")" 200 \
	    "$2 calls $3"
	cp "$T/body" "$T/$1.session"
	id=$(jq -r .sessionId "$T/body")
	check "who is pushed" wait_for 5 pushed_more $(($4 - 1))
	cp "$T/pushes" "$T/$1"
}
# early NAME DEVICE: what the push to it says of the relay, as turnask wants it.
early() {
	jq -r "select(.to.endpoint | endswith(\"/$2\")) | .payload.early |
	    (.iceServers[0] | (.urls[0] | sub(\"turn:\"; \"\") |
	    sub(\"[?].*\"; \"\")) + \" \" + .username + \" \" + .credential)" \
	    "$T/$1"
}
relayed() {
	jq -r .payload.early.relayed "$T/$1" | head -n 1
}
# asks LINE...: what a client of the relay is answered.
asks() {
	printf '%s\n' "$@" | "$turnask"
}
# allocates NAME DEVICE: may it still, by its push?
allocates() {
	asks "open x $(early "$1" "$2")" "x allocate" | cut -d ' ' -f 3
}

# The call was answered elsewhere, and goes on.
call first alice bob 2
first=$id
is "$(allocates first tablet)" 0 "the tablet may begin"
is "$(ask bob RING "/session/$first" --data answer)" 200 "the phone has an answer"
is "$(ask bob ANSWER "/session/$first")" 200 "and picks up"
gone="410 answered-elsewhere"
is "$(as tablet ask bob RING "/session/$first" --data answer)" "$gone" \
    "the tablet's push is of no use now: RING"
is "$(as tablet ask bob RING "/session/$first")" "$gone" "nor without an answer"
is "$(as tablet ask bob ANSWER "/session/$first")" "$gone" "ANSWER"
is "$(as tablet ask bob RESUME "/session/$first")" "$gone" "RESUME"
is "$(ask bob RING "/session/$first" --data again)" 409 \
    "and the phone's own RING is not taken twice"

# Somebody else has the push, or its credentials.
is "$(ask carol RING "/session/$first" --data answer)" 404 \
    "another subscriber is no party of it"
call second carol dave 1
second=$id
open_carol="open carol $(jq -r '.iceServers[0] | (.urls[0] |
    sub("turn:"; "") | sub("[?].*"; "")) + " " + .username + " " +
    .credential' "$T/second.session")"
asks "$open_carol" "carol allocate" "open x $(early first tablet)" \
    "x allocate" "x permit carol" "carol permit x" \
    "x send carol 100" "carol send x 100" \
    "open dave $(early second d)" "dave allocate" "dave permit carol" \
    "dave send carol 50" "carol hear 1 5000" "carol hear 1 300" \
    "x hear 1 1" >"$T/asked"
like "$(grep hear "$T/asked" | xargs)" \
    "^carol hear 1 [5-9][0-9] .* carol hear 0 0 .* x hear 0 0" \
    "in another call they reach nobody, and nobody reaches them"
other=$(early first tablet | sed "s/$first/$second/")
is "$(asks "open x $other" "x allocate")" "x allocate 401" \
    "nor can they be changed into its"
other=$(early first tablet | sed "s/\\($first\\):b[01]/\\1:a/")
is "$(asks "open x $other" "x allocate")" "x allocate 401" \
    "or into the caller's"
is "$(ask bob RING "/session/$second" --data answer)" 404 \
    "and bob is no party of it"

# The call is over.
is "$(allocates first tablet)" 0 "while the call lasts, they work"
is "$(ask alice HANGUP "/session/$first")" 200 "it ends"
is "$(allocates first tablet) $(allocates first phone)" "403 403" \
    "then no device's do"
is "$(ask bob RING "/session/$first" --data answer)" "410 hung-up" \
    "and nobody can ring"
like "$(as tablet ask bob RING "/session/$first" --data answer)" "^410 " \
    "on either device"

# Before anybody rang: a push that comes late, or again.
call third alice bob 2
is "$(ask alice HANGUP "/session/$id")" 200 "a call is given up"
is "$(allocates third phone)" 403 "its pushes let nobody allocate"
is "$(ask bob RING "/session/$id" --data answer)" "410 cancelled" "nor ring"
is "$(ask bob ANSWER "/session/$id")" "410 cancelled" "nor answer"
call fourth alice bob 2
is "$(ask bob BUSY "/session/$id") $(as tablet ask bob BUSY "/session/$id")" \
    "200 200" "one is declined on both devices"
is "$(allocates fourth tablet)" 403 "it is over as well"
is "$(ask bob RING "/session/$id" --data answer)" "410 busy" "for all"

# The next call has other credentials and another place at the relay.
is "$(cat "$T/first" "$T/third" "$T/fourth" |
    jq -r '.payload.early.iceServers[0].username' | sort -u | wc -l)" 6 \
    "each device has its own in each call"
is "$(cat "$T/first" "$T/second" "$T/third" "$T/fourth" |
    jq -r .payload.early.relayed | sort -u | wc -l)" 4 "and each caller a place"
stop switch KILL
finish
