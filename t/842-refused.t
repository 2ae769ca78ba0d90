#!/bin/sh
# What a page cannot have, it says, and goes on. There is no microphone, or the
# user does not give it. There are two tabs, of which one at a time is the phone.
# The browser has no pushes.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/web.sh"
. "$(dirname "$0")/pagecall.sh"
web_need "$0" "$@"
phone_open
terminal bob

notice() {
	web "$1" eval "document.querySelector('#notice').innerText"
}

for browser in $web_browsers; do
	phone_start "$browser" "$browser" microphone=denied
	check "$browser: the page is alice's" phone_join "$browser" alice
	check "$browser may not have the microphone: it calls" \
	    dials "$browser" bob
	check "there is no call" web_in "$browser" over
	is "$(notice "$browser")" "The browser does not give this page the $(
	    )microphone. Allow it in the settings of this site, and try again." \
	    "which it says"
	web "$browser" click done || fail "done"

	# Two tabs.
	web_tab=other
	check "another tab is opened" web "$browser" open "$site/"
	check "it leaves the phone to the first" web "$browser" until \
	    "!document.querySelector('#view-elsewhere').hidden"
	check "until its user wants it here" web "$browser" click use-here
	check "then it is the phone" web "$browser" until \
	    "!document.querySelector('#view-home').hidden"
	web_tab=page
	check "and the first is not" web "$browser" until \
	    "!document.querySelector('#view-elsewhere').hidden"
	check "until it is wanted there" web "$browser" click use-here
	check "where it is the phone again" web "$browser" until \
	    "!document.querySelector('#view-home').hidden"
	web_tab=other
	check "and not in the other" web "$browser" until \
	    "!document.querySelector('#view-elsewhere').hidden"
	web_tab=page
	web_stop "$browser"

	phone_start "$browser" "$browser" microphone=no push=no
	check "$browser without a microphone: the page is alice's" \
	    phone_join "$browser" alice
	check "it calls" dials "$browser" bob
	check "there is no call" web_in "$browser" over
	is "$(notice "$browser")" "There is no microphone." "which it says"
	web "$browser" click done || fail "done"
	is "$(web "$browser" eval "'PushManager' in window")" false \
	    "$browser without pushes"
	web "$browser" click settings || fail "the settings"
	check "says that it cannot be woken" web "$browser" until \
	    "document.querySelector('#push-state').innerText ===
	    'This browser cannot be woken by pushes.'"
	web_stop "$browser"
done
finish
