#!/bin/sh
# Declining from a notification, while no page is open. The worker tells the
# switch itself, with the key of the device that the page has joined as, and the
# caller's call is over: declined. It connects to no switch but ours, whatever a
# push names, and then the page is opened.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/web.sh"
. "$RP_SRC/t/push/push.sh"
. "$(dirname "$0")/woken.sh"
web_need "$0" "$@"

# The page's device is bob's, and is woken at a push service that never answers.
# The test hands the push to the worker.
push_certificate
woken_sender
woken_folder
rm "$T/web/rp.json"
cp "$T/site.ready" "$T/silent.ready"
kill -STOP "$(cat "$T/site.pid")"
RP_WEB_ROOT=$T/web
export RP_WEB_ROOT
start_switch switch
woken_site=$(address web)
[ -n "$woken_site" ] || give_up "the switch serves the page" "$T/switch.err"

join_bob() {
	key=$(web "$1" eval "join('bob')") &&
	    rp-users --db "sqlite:$T/switch.d/rp.db" add bob --key "$key" &&
	    web "$1" eval "registered('https://$(port \
		"$(ready "$T/silent.ready" web)" |
		sed 's|^|127.0.0.1:|')/push')"
}
ended() {
	grep -q "event=call_ended session=$id reason=$1" "$T/switch.err"
}

for browser in $web_browsers; do
	woken_start "$browser" "$browser"
	woken_subscribe "$browser" >"$T/subscribed"
	check "$browser joins as a device of bob's" join_bob "$browser"
	woken_close "$browser"
	is "$(ask alice INITIATE /session/bob --data offer)" 200 "alice calls"
	id=$(jq -r .sessionId "$T/body")
	check "the push" push "$browser" "$(call_push "$id" alice call 60)"
	check "rings" wait_for 10 shows "$browser" "$id" "Call from alice"
	is "$(click "$browser" "$id" decline)" "" \
	    "Decline opens no page"
	check "alice's call is declined" wait_for 10 ended declined
	check "its repeat" push "$browser" "$(call_push "$id" alice call 60)"
	check "does not ring" wait_for 10 shows "$browser" "$id" \
	    "Call from alice: declined"
	check "a call that is over" push "$browser" \
	    "$(call_push "$(session 1)" alice call 60)"
	check "rings" wait_for 10 shows "$browser" "$(session 1)" \
	    "Call from alice"
	is "$(click "$browser" "$(session 1)" decline)" \
	    "/#ring=$(session 1)" "and the page shows what became of it"

	# A page of a service elsewhere, with TLS.
	is "$(tell "$browser" "{ test: 'foreign', serverName: 'evil.example',
	    ours: 'calls.example.org:31337' }")" \
	    "Error: evil.example is not our switch" \
	    "another's switch is told nothing"
	web_stop "$browser"
done
finish
