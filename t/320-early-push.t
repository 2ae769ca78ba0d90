#!/bin/sh
# A push lets the callee begin before it has connected (rp-push(7), "early"): it
# has the offer, the relay's credentials, where the caller will be at the relay, and
# the switch's addresses. Only pushes that are encrypted for the device have it.
# What does not fit is left out, and the push says so.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

turnask=$RP_BUILD/t/tools/turnask
make_subscribers
write_conf "exec $T/pusher $T" 'call = { per_pair_per_minute = 0; };'
sed -i '1,/^call/{/^call/d}; s/^call = { per/call = { listen = "127.0.0.1:0"; per/' \
    "$T/switch.conf"
sed -i 's/repeat_ms = 300/repeat_ms = 60000/' "$T/switch.conf"
start_configured

"$RP_BUILD/t/tools/webpush" keys >"$T/keys"
keys="{\"p256dh\":\"$(sed -n 2p "$T/keys")\",\"auth\":\"$(sed -n 3p "$T/keys")\"}"
webpush="{\"type\":\"webpush\",\"to\":{\"endpoint\":\"https://push.example.net/x\",
    \"keys\":$keys}}"

# register TYPE TO: bob's device.
register() {
	is "$(ask bob PUT /push --data "$1")" 204 "$2"
}

# call FILE: alice calls bob with that offer, and hangs up. The push is $T/push,
# its payload $T/payload, her session object $T/session.
call() {
	: >"$T/pushes"
	is "$(ask alice INITIATE /session/bob --data-binary @"$1" \
	    -H 'Content-Type: application/sdp')" 200 "INITIATE"
	cp "$T/body" "$T/session"
	check "bob is pushed" wait_for 5 test -s "$T/pushes"
	head -n 1 "$T/pushes" >"$T/push"
	jq -c .payload "$T/push" >"$T/payload"
	id=$(jq -r .sessionId "$T/session")
}
hang_up() {
	is "$(ask alice HANGUP "/session/$id")" 200 "HANGUP"
}
early() {
	jq -c "$1" "$T/payload"
}
has_early() {
	early 'has("early")'
}

printf 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\na=setup:actpass\r\n' >"$T/offer"
register "$webpush" "bob subscribes to Web Push"
call "$T/offer"
is "$(early '.early | keys_unsorted')" \
    '["offer","iceServers","relayed","addresses"]' "the push has all of it"
jq -j .early.offer "$T/payload" | sed 's/$/\r/' >"$T/offer.got"
check "the offer, with LF for CRLF" cmp "$T/offer" "$T/offer.got"
is "$(ask bob RING "/session/$id")" 200 "bob rings"
own=$(jq -c '.iceServers[0]' "$T/body")
told=$(early '.early.iceServers[0]')
for what in urls realm 'username[10:]'; do
	is "$(echo "$told" | jq -c ".${what%%[*}${what#username}")" \
	    "$(echo "$own" | jq -c ".${what%%[*}${what#username}")" \
	    "the same $what as in his session object"
done
is "$(echo "$told" | jq -r '.username' | cut -d : -f 2-)" "$id:b0" \
    "credentials for his side of this call"
is "$(early .early.addresses)" "[\"$(address answer)\"]" \
    "the switch's answer port"

# Where the relay has the caller then.
server=$(echo "$told" | jq -r '.urls[0]' | sed 's/^turn:\(.*\)?.*/\1/')
credentials() {
	jq -r '.iceServers[0] | "\(.username) \(.credential)"' "$1"
}
mine=$(echo "$told" | jq -r '"\(.username) \(.credential)"')
relayed=$(early .early.relayed | tr -d '"')
cat >"$T/ask" <<END
open bob $server $mine
bob allocate
open alice $server $(credentials "$T/session")
alice allocate
open again $server $(credentials "$T/session")
again allocate
END
"$turnask" <"$T/ask" >"$T/asked"
is "$(sed -n 's/^alice allocate 0 \([^ ]*\).*/\1/p' "$T/asked")" "$relayed" \
    "the caller's first allocation is where the push has said"
check "her second is elsewhere" \
    grep -q '^again allocate 0 127' "$T/asked"
is "$(grep -c " $relayed " "$T/asked")" 1 "alone"
hang_up
finish
