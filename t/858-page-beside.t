#!/bin/sh
# What happens beside a call between two pages of both makes. One of them is frozen,
# or loses its microphone to the system: the other says that its peer is away, and
# then no more. A third party that calls meanwhile is told busy. The page shows
# who it was, the call goes on, and the history has a missed call. The system's own
# control hangs up, in either make.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/web.sh"
. "$(dirname "$0")/pagecall.sh"
web_need "$0" "$@"
web_needs chromium firefox
phone_open_tls
cp "$d/bob.conf" "$d/carol.conf"
rp-users --db "sqlite:$d/rp.db" add carol --token-file "$d/carol.token" \
    >"$T/add.out" || give_up "carol is a subscriber" "$T/add.out"
sed -i "s/bob/carol/g" "$d/carol.conf"

text() {
	web "$1" eval "document.getElementById('$2').innerText"
}
says_away() {
	check "$1 $2" web "$1" until \
	    "document.getElementById('away').innerText === '$3'"
}
away="The other side is away for a moment."
page_calls() {
	check "$1 calls $2" dials "$1" "$3"
	check "which rings" web_in "$2" incoming
	check "it answers" web "$2" click answer
	check "$1 talks" web_in "$1" talking
	check "and so does $2" web_in "$2" talking
}

phone chromium chromium alice
phone firefox firefox bob
check "chromium is woken from now on" phone_wakes chromium chromium alice
check "and firefox" phone_wakes firefox firefox bob
for browser in chromium firefox; do
	web "$browser" eval "$(cat "$RP_SRC/t/tools/system.js")" \
	    >"$T/system.out"
done

page_calls chromium firefox bob
is "$(text firefox away)" "" "nobody is away"
web chromium freeze on
says_away firefox "says that its peer, which is frozen, is away" "$away"
web chromium freeze off
(web_tab=peek && web chromium front)
web chromium front
says_away firefox "says no more that it is" ""
web firefox eval "rpSystem.mute(true)" >"$T/mute.out"
says_away chromium "says that its peer, without microphone, is away" "$away"
says_away firefox "says why it is not heard" \
    "They do not hear you now: this page has no microphone or no network."
web firefox eval "rpSystem.mute(false)" >"$T/mute.out"
says_away chromium "says no more that it is" ""
says_away firefox "says no more why" ""

for browser in chromium firefox; do
	number=$([ $browser = chromium ] && echo alice || echo bob)
	rp-dial --account "$d/carol.conf" "$number" >"$T/carol.out" \
	    2>"$T/carol.err" </dev/null
	is $? 5 "$browser talks: who calls it is told that it is busy"
	check "$browser says who it was" web "$browser" until \
	    "document.getElementById('second').innerText.startsWith('carol called')"
	is "$(web "$browser" eval phone.call.state)" talking "and talks on"
	is "$(history_of $browser | head -n 1)" "carol missed busy" \
	    "its history has the call"
done

web firefox eval "rpSystem.hangUp()" >"$T/hangup.out"
check "the system's control hangs up, in firefox" web_in firefox over
check "chromium knows" web_in chromium over
web chromium click "done" && web firefox click "done" || fail "done"
page_calls firefox chromium alice
web chromium eval "rpSystem.hangUp()" >"$T/hangup.out"
check "the system's control hangs up, in chromium" web_in chromium over
check "firefox knows" web_in firefox over
is "$(web chromium eval "Object.values(rpSystem.actions).every((one) =>
    one === null)")" true "the controls are given back"
finish
