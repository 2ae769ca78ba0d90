#!/bin/sh
# "Call us": a link on somebody's site rings bob, and nobody else, in a browser that
# is nobody's. Bob's terminal shows a guest, and both hear each other. The token is
# neither in the address, nor on the way back, nor in the switch's log. Once the
# link is revoked, it rings nobody.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/web.sh"
. "$(dirname "$0")/pagecall.sh"
web_need "$0" "$@"
phone_open
users() {
	rp-users --db "sqlite:$d/rp.db" "$@"
}
speech bob "The quick brown fox jumps."
terminal bob --json "$T/bob.json"

for browser in $web_browsers; do
	rm -f "$d/bob.known_peers"
	speech "$browser" "Zwei Leute reden jetzt." de
	link=$(users guest bob --url "$site/" | grep -o "$site/#call=[^ ]*" |
	    head -n 1)
	token=${link#*guest=}
	phone_start "$browser" "$browser"
	check "$browser: the link is opened" web "$browser" open "$link"
	check "and calls nobody by itself" web_in "$browser" idle
	is "$(web "$browser" url)" "$site/" "its address has no token any more"
	is "$(web "$browser" eval "document.querySelector('#dial-number')
	    .hidden")" true "it has one number to call"
	check "its user calls" web "$browser" click dial
	check "they talk" web_in "$browser" talking
	both_hear "$browser" bob "$browser, a guest"
	check "the guest hangs up" web "$browser" click hang-up
	web_in "$browser" over || fail "it is over"
	check "bob's report has the guest" wait_for 10 grep -q '"guest\.' \
	    "$T/bob.json"
	rm -f "$T/bob.json"

	id=$(users guests bob | cut -f 1)
	check "the link is revoked" users revoke-guest bob "$id"
	check "its user calls again" web "$browser" click again
	check "there is no call" web_in "$browser" over
	check "because the link is not good any more" web "$browser" until \
	    "document.querySelector('#notice').innerText !== ''"
	is "$(entries "$browser")" "$site/" "the way back has no token"
	web_stop "$browser"
done
is "$(grep -c -e "$token" "$T/switch.err")" 0 "nor has the switch's log it"
finish
