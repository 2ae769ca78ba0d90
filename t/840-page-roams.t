#!/bin/sh
# A page's network changes in mid-call. The interface by which the media went is
# taken away, and another is there: sound comes back both ways in the same call.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/web.sh"
. "$(dirname "$0")/pagecall.sh"
web_need "$0" "$@"
phone_open
speech bob "The quick brown fox jumps."
terminal bob

# other_network NEW OLD NUMBER: an interface in place of another.
other_network() {
	wire "$1" "$1-far" &&
	    ip address add "10.$3.0.2/24" dev "$1" &&
	    ip link set "$1" up &&
	    ip route replace default via "10.$3.0.254" &&
	    ip link del "$2"
}

old=up0 n=78
for browser in $web_browsers; do
	rm -f "$d/bob.known_peers"
	speech "$browser" "Zwei Leute reden jetzt." de
	phone "$browser" "$browser" alice
	check "$browser calls bob" dials "$browser" bob
	check "they talk" web_in "$browser" talking
	both_hear "$browser" bob "$browser, before"
	id=$(web "$browser" eval phone.call.id)
	check "another network" other_network net$n $old $n
	old=net$n n=$((n + 1))
	both_hear "$browser" bob "$browser, after"
	web_in "$browser" talking || fail "the page talks again"
	is "$(web "$browser" eval phone.call.id)" "$id" "in the same call"
	check "$browser hangs up" web "$browser" click hang-up
	web_in "$browser" over || fail "it is over"
	web_stop "$browser"
done
finish
