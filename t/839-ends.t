#!/bin/sh
# How calls end that were not talked in. The page declines, is called by a second
# caller while it talks, misses a call, and cancels its own. The other end learns
# why, and the page's history has it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/web.sh"
. "$(dirname "$0")/pagecall.sh"
web_need "$0" "$@"
phone_open_tls
rp-users --db "sqlite:$d/rp.db" add carol --token-file "$d/carol.token"
sed -e "s|^number = .*|number = \"carol\";|" \
    -e "s|^token = .*|token = \"$(cat "$d/carol.token")\";|" \
    -e 's|^identity = .*|identity = "carol.identity.pem";|' \
    "$d/alice.conf" >"$d/carol.conf"

notice() {
	web "$1" eval "document.querySelector('#state').innerText"
}

for browser in $web_browsers; do
	rm -f "$d"/*.known_peers
	# A subscriber with this device and no other, for whom busy is final.
	rp-users --db "sqlite:$d/rp.db" add "$browser" \
	    --token-file "$d/$browser.token"
	phone "$browser" "$browser" "$browser"
	check "$browser: it is woken from now on" \
	    phone_wakes "$browser" "$browser"

	calls alice "$browser"
	check "$browser rings" web_in "$browser" incoming
	check "its user declines" web "$browser" click decline
	join alice
	is $? 5 "alice is told: $(tail -n 1 "$T/alice.err")"
	check "the page shows the end" web_in "$browser" over
	web "$browser" click done || fail "done"

	calls alice "$browser"
	check "$browser rings again" web_in "$browser" incoming
	stop alice INT
	check "alice gives up, and so does the page" web_in "$browser" over
	is "$(notice "$browser")" \
	    "The call was cancelled before it was answered." "which says why"
	web "$browser" click done || fail "done"

	calls alice "$browser"
	check "$browser rings, and" web_in "$browser" incoming
	web "$browser" click answer || fail "it is answered"
	check "talks" web_in "$browser" talking
	calls carol "$browser"
	join carol
	is $? 5 "another caller gets busy: $(tail -n 1 "$T/carol.err")"
	check "which is shown" web "$browser" until \
	    "document.querySelector('#second').innerText.startsWith('carol')"
	is "$(web "$browser" eval document.body.dataset.state)" talking \
	    "while the talk goes on"
	stop alice INT
	web_in "$browser" over || fail "it ends"
	web "$browser" click done || fail "done"
	is "$(history_of "$browser")" "alice in hung-up
carol missed busy
alice missed cancelled
alice in declined" "its history has all"

	terminal alice
	kill -STOP "$(cat "$T/alice.pid")"
	check "$browser calls" dials "$browser" alice
	web_in "$browser" calling ||
	    fail "it does"
	check "and gives up" web "$browser" click hang-up
	check "which ends it" web_in "$browser" over
	kill -CONT "$(cat "$T/alice.pid")"
	stop alice
	web "$browser" click done || fail "done"
	terminal alice --decline
	check "$browser calls one who declines" dials "$browser" alice
	check "it is over" web_in "$browser" over
	is "$(notice "$browser")" "The call was declined." "which it says"
	stop alice
	web "$browser" click done || fail "done"
	check "$browser calls a number that nobody has" \
	    dials "$browser" nobody
	check "that is over, too" web_in "$browser" over
	is "$(notice "$browser")" "Nobody has this number." "and why"
	web_stop "$browser"
	stop "$browser.delivers"
done
finish
