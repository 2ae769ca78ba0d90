#!/bin/sh
# Two browsers are devices of one subscriber, each by a link of its own. A call
# rings in both, one answers, and the other stops. A link is good once. What came
# in the address is neither on the way back nor in the switch's log. (Browsers list
# each address that was opened before its page runs; the code is of no use then.)
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/web.sh"
. "$(dirname "$0")/pagecall.sh"
web_need "$0" "$@"
web_needs chromium firefox
export RP_LOG=debug
phone_open_tls
speech alice "The quick brown fox jumps."
speech firefox "Zwei Leute reden jetzt." de

link=$(phone_link bob)
code=${link#*join=}
code=${code%%&*}
phone_start chromium chromium
check "a link makes chromium bob's" web chromium open "$link"
has_link chromium || fail "which asks first"
is "$(web chromium url)" "$site/" "its address has no code any more"
check "it joins" web chromium click join
check "and is bob's" web_in chromium idle
phone_start firefox firefox
check "the same link in firefox" web firefox open "$link"
has_link firefox && web firefox click join || fail "it is tried"
check "is good no more" web firefox until \
    "document.querySelector('#notice').innerText !== ''"
is "$(web firefox eval document.body.dataset.state)" signed-out "so it is not in"
check "with one of its own it is" phone_join firefox bob
check "chromium is woken from now on" phone_wakes chromium chromium
check "and firefox" phone_wakes firefox firefox

calls alice bob
check "both ring: chromium" web_in chromium incoming
check "and firefox" web_in firefox incoming
check "firefox answers" web firefox click answer
check "and talks" web_in firefox talking
check "chromium stops" web_in chromium over
is "$(web chromium eval phone.call.reason)" answered-elsewhere "and knows why"
both_hear firefox alice "the device that answered"
stop alice INT
web_in firefox over || fail "it is over"

check "the switch has logged" test -s "$T/switch.err"
is "$(grep -c -e "$code" "$T/switch.err")" 0 "and nothing of the code"
for browser in chromium firefox; do
	is "$(entries $browser)" "$site/" "nor has ${browser}'s way back"
done
finish
