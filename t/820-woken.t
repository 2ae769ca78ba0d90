#!/bin/sh
# A closed page is woken. Firefox subscribes at a push service of the test's own,
# and the switch is told of it. Then no page of ours is open: alice calls, and
# the push goes through rp-switchd, rp-pushsend and the push service to the
# worker, which rings. A click leads to the page with the push's object. Repeats
# do not pile up, and the end of the call takes the ring back.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/web.sh"
. "$RP_SRC/t/push/push.sh"
. "$(dirname "$0")/woken.sh"
web_need "$0" "$@"
web_needs firefox

make_subscribers
push_certificate
woken_sender
write_conf "exec rp-pushsend -c $T/pushsend.conf"
sed -i -e 's/^call = {/call = { per_pair_per_minute = 0;/' \
    -e "s|repeat_ms = 300;|repeat_ms = 1000; public_key = \"$(cat \
    "$T/public")\";|" "$T/switch.conf"
start_configured
woken_folder
woken_start bob firefox
check "the page subscribes" woken_subscribe bob
is "$(ask bob PUT /push --data @"$T/bob.registration")" 204 \
    "the switch takes its registration"
woken_close bob

messages() {
	[ "$(grep -c . "$T/log")" -ge "$1" ]
}
is "$(ask alice INITIATE /session/bob --data offer)" 200 "alice calls"
id=$(jq -r .sessionId "$T/body")
check "the push service has it, more than once" wait_for 10 messages 2
check "the worker rings" wait_for 10 shows bob "$id" "Call from alice"
is "$(tell bob '{ test: "windows" }' | jq '.[0]')" 0 "and no window of ours was open"
is "$(shown bob '"\(.title) \(.asks) \(.silent)"')" "rp true false" \
    "once, until somebody touches it"
is "$(click bob "$id")" "/#ring=$id" "a touch asks for the page of this ring"
check "that page is opened" woken_open bob "#ring=$id"
web bob eval "push.ringFor('$id')" >"$T/ring"
is "$(jq -r '.push | "\(.caller) \(.serverName):\(.port)"' "$T/ring")" \
    "alice $(address answer)" "it is given the push"
check "the page answers" web bob eval "push.settle('$id', 'answered')"
is "$(shown bob 'select(.asks or (.silent | not))')" "" "nothing rings any more"
woken_close bob
is "$(ask alice HANGUP "/session/$id")" 200 "alice hangs up"
check "what is taken back was answered here" wait_for 10 shows bob "$id" \
    "Call from alice: answered"

# Another call, which alice gives up.
is "$(ask alice INITIATE /session/bob --data offer)" 200 "alice calls again"
id=$(jq -r .sessionId "$T/body")
check "it rings" wait_for 10 shows bob "$id" "Call from alice"
is "$(ask alice HANGUP "/session/$id")" 200 "alice gives up"
check "the ring becomes a missed call" wait_for 10 shows bob "$id" \
    "Missed call from alice"
is "$(shown bob "select(.tag == \"$id\") | \"\(.asks) \(.silent)\"")" \
    "false true" "which makes no sound"
is "$(click bob "$id")" "/#call=alice" "and leads to calling back"

# A device that was away: it gets the last push of the topic alone.
check "the push service keeps what comes" push_control hold
before=$(grep -c . "$T/log")
is "$(ask alice INITIATE /session/bob --data offer)" 200 "alice calls"
id=$(jq -r .sessionId "$T/body")
check "a push waits" wait_for 10 messages $((before + 1))
ask alice HANGUP "/session/$id" >/dev/null
check "its cancel replaces it there" wait_for 10 messages $((before + 2))
check "the device is back" push_control release
check "and shows a missed call" wait_for 10 shows bob "$id" \
    "Missed call from alice"
finish
