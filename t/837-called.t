#!/bin/sh
# A terminal calls a browser whose page is open, and one whose page was closed
# before. Firefox is woken by a push service, and Chromium's worker is handed the
# same object by its debugging protocol. The page rings and is answered, and both
# ends hear each other. Of the closed page the worker asks for the address that
# rings, when its notification is touched.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/web.sh"
. "$(dirname "$0")/pagecall.sh"
web_need "$0" "$@"
phone_open_tls
speech alice "The quick brown fox jumps."

id() {
	jq -r 'select(.payload.kind == "call") | .payload.sessionId' \
	    "$T/pushes" | tail -n 1
}

is_new() {
	[ "$(id)" != "$last" ]
}

for browser in $web_browsers; do
	rm -f "$d/alice.known_peers"
	: >"$T/pushes"
	speech "$browser" "Zwei Leute reden jetzt." de
	phone "$browser" "$browser" bob
	check "$browser: it is woken from now on" \
	    phone_wakes "$browser" "$browser"
	calls alice bob
	check "$browser: it rings" web_in "$browser" incoming
	is "$(web "$browser" eval "document.querySelector('#peer').innerText")" \
	    alice "and says who calls"
	check "it is answered" web "$browser" click answer
	check "they talk" web_in "$browser" talking
	both_hear "$browser" alice "$browser, open"
	stop alice INT
	is $? 0 "alice hangs up"
	check "which ends it" web_in "$browser" over

	# The page is closed, and the browser runs.
	[ "$browser" = chromium ] || peek "$browser" 1 >"$T/peek.out"
	check "$browser: the page is closed" web "$browser" close
	last=$(id)
	calls alice bob
	wait_for 20 is_new || fail "$browser: there is a push"
	wait_for 20 shows "$browser" "$(id)" "Call from alice" ||
	    fail "$browser: a notification rings" "$(shown "$browser" .)"
	address=$(click "$browser" "$(id)" answer)
	is "$address" "/#ring=$(id)" "$browser: its touch asks for the call"
	check "that address is opened" web "$browser" open "$site$address"
	check "and answered by that touch" web_in "$browser" talking
	both_hear "$browser" alice "$browser, woken"
	is "$(web "$browser" url)" "$site/" "the address keeps nothing of it"
	check "the page hangs up" web "$browser" click hang-up
	join alice
	is $? 0 "which completes alice's call"
	web_stop "$browser"
	stop "$browser.delivers"
done
finish
