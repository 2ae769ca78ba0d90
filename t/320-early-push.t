#!/bin/sh
# A push lets the callee begin before it has connected ("What a device may begin
# with" in rp-push(7)): it has the offer, the relay's credentials, where the caller
# will be at the relay, and the switch's addresses. Only pushes that are encrypted
# for the device have it. What does not fit is left out; the push and the switch's
# metrics say so.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

turnask=$RP_BUILD/t/tools/turnask
make_subscribers
write_conf "exec $T/pusher $T"
sed -i 's/repeat_ms = 300/repeat_ms = 60000/
    s/^call = { /&per_pair_per_minute = 0; per_callee_per_minute = 0; /' \
    "$T/switch.conf"
start_configured

# Bob's device, by each service. An FCM token and an APNs one are of no use.
"$RP_BUILD/t/tools/webpush" keys >"$T/keys"
keys="{\"p256dh\":\"$(sed -n 2p "$T/keys")\",\"auth\":\"$(sed -n 3p \
    "$T/keys")\"}"
to_webpush="{\"endpoint\":\"https://push.example.net/x\",\"keys\":$keys}"
to_fcm="{\"token\":\"abc\",\"keys\":$keys}"
to_apns="{\"token\":\"00ff\",\"topic\":\"org.example.rp\",\"keys\":$keys}"
to_alert="${to_apns%\}},\"push_type\":\"alert\"}"

# register TYPE TO
register() {
	is "$(ask bob PUT /push --data "{\"type\":\"$1\",\"to\":$2}")" 204 \
	    "bob registers by $1"
}

# call FILE: alice calls bob with that offer. The payload of the push is
# $T/payload, her session object $T/session.
call() {
	: >"$T/pushes"
	is "$(ask alice INITIATE /session/bob --data-binary @"$1" \
	    -H 'Content-Type: application/sdp')" 200 "INITIATE"
	cp "$T/body" "$T/session"
	id=$(jq -r .sessionId "$T/session")
	check "bob is pushed" wait_for 5 test -s "$T/pushes"
	head -n 1 "$T/pushes" | jq -c .payload >"$T/payload"
}
hang_up() {
	is "$(ask alice HANGUP "/session/$id")" 200 "HANGUP"
}
early() {
	jq -c "$1" "$T/payload"
}
payload_bytes() {
	tr -d '\n' <"$T/payload" | wc -c
}
left_out() {
	metric "rp_push_early_left_out_total{part=\"$1\",reason=\"$2\"}"
}

# offer N: $T/offer, with a line of so many zeros.
offer() {
	zeros=$1
	printf 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=%0*d\r\n' "$1" 0 >"$T/offer"
}

offer 1
register webpush "$to_webpush"
call "$T/offer"
is "$(early '.early | keys_unsorted')" \
    '["offer","iceServers","relayed","addresses"]' "the push has all of it"
jq -j .early.offer "$T/payload" | sed 's/$/\r/' >"$T/offer.got"
check "the offer, with LF for CRLF" cmp "$T/offer" "$T/offer.got"
is "$(ask bob RING "/session/$id")" 200 "bob rings"
for what in urls realm; do
	is "$(early ".early.iceServers[0].$what")" \
	    "$(jq -c ".iceServers[0].$what" "$T/body")" \
	    "the same $what as in his session object"
done
is "$(early '.early.iceServers[0].username | sub("^[0-9]*:"; "")')" \
    "\"$id:b0\"" "the credentials are those of his device in this call"
is "$(early .early.addresses)" "[\"$(address answer)\"]" \
    "the switch's answer port"

# Bob may begin with it: his credentials work, and alice is where he was told.
server=$(early .early.iceServers[0].urls[0] | sed 's/^"turn:\(.*\)?.*/\1/')
relayed=$(early .early.relayed | tr -d '"')
credentials() {
	jq -r "$1"'[0] | "\(.username) \(.credential)"' "$2"
}
cat >"$T/commands" <<END
open bob $server $(credentials .early.iceServers "$T/payload")
bob allocate
bob permit $relayed
open alice $server $(credentials .iceServers "$T/session")
alice allocate
open again $server $(credentials .iceServers "$T/session")
again allocate
alice permit bob
bob send $relayed 100
alice hear 1 5000
END
"$turnask" <"$T/commands" >"$T/asked"
is "$(sed -n 's/^alice allocate 0 \([^ ]*\).*/\1/p' "$T/asked")" "$relayed" \
    "the caller's first relayed address is that of the push"
check "the next one is another" grep -q '^again allocate 0 127' "$T/asked"
is "$(grep -c " $relayed " "$T/asked")" 1 "as only one can have it"
like "$(cat "$T/asked")" "alice hear 1 " "what bob sends there arrives"
: >"$T/pushes"
hang_up
is "$(metric rp_push_early_total)" 1 "it is counted"

# A callee who has not rung is told that it is over; there is nothing to begin.
call "$T/offer"
: >"$T/pushes"
hang_up
check "a cancel" wait_for 5 grep -q '"kind":"cancel"' "$T/pushes"
is "$(pushed '.payload | has("early")')" false "has no such member"

# As much as fits: to the byte.
room=3993
offer $((zeros + room - $(payload_bytes)))
call "$T/offer"
is "$(early '.early.leftOut') $(payload_bytes)" "null $room" \
    "a payload of $room bytes is whole"
hang_up
offer $((zeros + 1))
call "$T/offer"
is "$(early '.early | has("addresses"), has("offer"), .leftOut' | xargs)" \
    'false true [addresses]' "one more: without the addresses"
hang_up
offer 4000
call "$T/offer"
is "$(early '.early | keys_unsorted')" \
    '["iceServers","relayed","addresses","leftOut"]' \
    "a long offer: without it"
is "$(early .early.leftOut)" '["offer"]' "as it says"
check "it is short" test "$(payload_bytes)" -lt 1000
hang_up
printf 'v=0\no=- 1 1 IN IP4 0.0.0.0\r\n' >"$T/offer"
call "$T/offer"
is "$(early .early.leftOut)" '["offer"]' \
    "and without one whose lines do not all end in CRLF"
hang_up
is "$(left_out addresses size) $(left_out offer size) $(left_out offer lines)" \
    "1 1 1" "each is counted"
is "$(metric rp_push_early_total)" 6 "among those that have the member"

# Other services have less room.
offer 2700
# fits TYPE TO ROOM
fits() {
	register "$1" "$2"
	call "$T/offer"
	is "$(early '.early | has("offer"), has("iceServers")' | xargs)" \
	    "false true" "to $1, with keys, goes a part"
	check "of at most $3 bytes" test "$(payload_bytes)" -le "$3"
	hang_up
}
fits apns "$to_alert" 2777
fits fcm "$to_fcm" 2960
offer 3400
fits apns "$to_apns" 3545
offer 2500
call "$T/offer"
is "$(early .early.leftOut)" null "and all of it, if that fits"
hang_up

# Nobody else may read it, and nobody has to be told.
offer 1
before=$(metric rp_push_early_total)
has_none() {
	call "$T/offer"
	is "$(early 'has("early")')" false "$1"
	hang_up
}
register fcm '{"token":"abc"}'
has_none "a push to FCM without keys has none"
register apns '{"token":"00ff","topic":"org.example.rp"}'
has_none "nor has one to APNs"
register command '{}'
has_none "nor has a command"
is "$(left_out all no-keys)" 3 "that is counted"
register webpush "$to_webpush"
: >"$T/none"
has_none_of=$T/offer
cp "$T/none" "$has_none_of"
has_none "there is none before there is an offer"
is "$(left_out all late-offer)" 1 "that is counted"
offer 1
sed -i 's/^push = { /&early = false; /' "$T/switch.conf"
check "push.early = false" reload
has_none "there is none"
is "$(left_out all off)" 1 "that is counted"
is "$(metric rp_push_early_total)" "$before" "and no other"
stop switch KILL

# start_over SED: another switch, configured so.
start_over() {
	write_conf "exec $T/pusher $T"
	sed -i "s/repeat_ms = 300/repeat_ms = 60000/; $1" "$T/switch.conf"
	start_configured
}
# allocated: where the relay has alice, by her first URL.
allocated() {
	url=$(jq -r '.iceServers[0].urls[0]' "$T/session")
	server=$(echo "$url" | sed 's/^turn:\(.*\)?.*/\1/')
	printf '%s\n' "open a $server $(credentials .iceServers "$T/session")" \
	    "a allocate" | "$turnask" | cut -d ' ' -f 4
}

# Of both families. The caller has IPv6, and IPv4 at the relay, as she does not ask.
if ip -6 addr show dev lo 2>/dev/null | grep -q ::1; then
	start_over 's/^\(call\|answer\|relay\) = { listen = "127.0.0.1:0"/\1 = { listen = ["127.0.0.1:0", "[::1]:0"]/'
	offer 1
	six=$(sed -n 's/^call=//p' "$T/switch.ready" | grep '^\[')
	: >"$T/pushes"
	curl -sS --max-time 10 -k -o "$T/session" -u "alice:$(token alice)" \
	    -X INITIATE --data-binary @"$T/offer" \
	    -H 'Content-Type: application/sdp' "https://$six/session/bob"
	id=$(jq -r .sessionId "$T/session")
	check "a caller by IPv6" wait_for 5 test -s "$T/pushes"
	head -n 1 "$T/pushes" | jq -c .payload >"$T/payload"
	is "$(early .early.addresses | tr -d '[]"' | tr , '\n' | sort)" \
	    "$(sed -n 's/^answer=//p' "$T/switch.ready" | tr -d '[]' | sort)" \
	    "both answer ports are told"
	is "$(early '.early.iceServers[0].urls | map(select(test("udp"))) |
	    map(test("^turn:\\["))')" "[true,false]" \
	    "and the relay of both families, hers first"
	is "$(allocated)" "$(early .early.relayed | tr -d '"')" \
	    "she is where the push says"
	stop switch KILL
else
	skip "a caller by IPv6" "the host has no ::1"
fi

# Behind a 1:1 NAT.
start_over 's/^relay = { /&external_address = "192.0.2.9"; /'
call "$T/offer"
is "$(early .early.addresses)" "[\"192.0.2.9:$(address answer |
    sed 's/.*://')\"]" "behind a NAT the address is that of outside"
like "$(early .early.relayed)" '"192\.0\.2\.9:' "at the relay, too"
stop switch KILL

# Relay sockets have ports of the kernel's, which nobody knows beforehand.
start_over 's/^relay = { /&peers = "any"; /'
call "$T/offer"
is "$(early '.early | keys_unsorted')" '["offer","iceServers","addresses"]' \
    "with relay.peers = any nobody can tell where the caller will be"
stop switch KILL

# By SMS.
write_conf "exec $T/pusher $T"
start_configured
rp-users --db "sqlite:$T/switch.d/rp.db" add +27215551234 \
    >"$T/switch.d/+27215551234.token"
is "$(ask +27215551234 PUT /push \
    --data '{"type":"sms","to":{"number":"+27215551234"}}')" 204 \
    "a telephone"
: >"$T/pushes"
is "$(ask alice INITIATE /session/+27215551234 --data-binary @"$T/offer")" \
    200 "is called"
check "by SMS" wait_for 5 test -s "$T/pushes"
is "$(pushed '.payload | has("early")')" false "which has none"
stop switch KILL
finish
