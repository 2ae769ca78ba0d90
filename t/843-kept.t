#!/bin/sh
# A browser that is killed in mid-call finds its call when it comes back, and both
# hear each other. A second device joins by a link of its own, and the first goes
# on. Where somebody is another than before, the page shows it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/web.sh"
. "$(dirname "$0")/pagecall.sh"
web_need "$0" "$@"
phone_open
speech bob "The quick brown fox jumps."
terminal bob

for browser in $web_browsers; do
	rm -f "$d/bob.known_peers"
	speech "$browser" "Zwei Leute reden jetzt." de
	phone "$browser" "$browser" alice
	check "$browser calls bob" dials "$browser" bob
	check "they talk" web_in "$browser" talking
	both_hear "$browser" bob "$browser, before"
	id=$(web "$browser" eval phone.call.id)
	check "$browser is killed" web "$browser" kill
	check "and begins again" web "$browser" launch
	check "with the page" web "$browser" open "$site/"
	check "which finds the call" web_in "$browser" talking
	is "$(web "$browser" eval phone.call.id)" "$id" "the same"
	both_hear "$browser" bob "$browser, after"
	check "$browser hangs up" web "$browser" click hang-up
	web_in "$browser" over || fail "it is over"

	# Bob is another, as the page sees it.
	stop bob
	mv "$d/bob.identity.pem" "$T/kept.pem"
	rm -f "$d/bob.known_peers"
	terminal bob
	web "$browser" click done || fail "done"
	check "$browser calls bob, who has lost his identity" \
	    dials "$browser" bob
	check "which is shown" web "$browser" until \
	    "document.querySelector('#identity .alarm')?.innerText
	    .startsWith('This is not the device of bob')"
	check "and the call is refused" web_in "$browser" over
	is "$(web "$browser" eval phone.call.reason)" identity "for that"
	web_stop "$browser"
done
finish
