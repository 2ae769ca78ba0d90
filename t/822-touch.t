#!/bin/sh
# What a touch of a notification leads to, in Chromium and in Firefox. Without a
# page it opens that of the ring, which is given the push and the button that was
# touched; of a missed call it leads to calling back. A page that is open is told
# by a message, and rings itself. A caller is told of a decline although no page is
# open; where that fails, the page is opened for it. A ring that was swiped away
# makes no sound when it is repeated.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/web.sh"
. "$RP_SRC/t/push/push.sh"
. "$(dirname "$0")/woken.sh"
web_need "$0" "$@"

push_certificate
woken_sender
woken_folder
[ -z "$web_without" ] || skip "touches in Firefox" "$web_without"

ring() {
	check "$browser: ring $1" push "$browser" \
	    "$(call_push "$(session "$1")" "${2:-alice}" call 60)"
	wait_for 10 shows "$browser" "$(session "$1")" \
	    "Call from ${2:-alice}" || give_up "it rings"
}
given() {
	woken_open "$browser" "#ring=$(session "$1")"
	web "$browser" eval "push.ringFor('$(session "$1")')" |
	    jq -r '"\(.push.caller) \(.action) \(.state)"'
}

for browser in $web_browsers; do
	woken_start "$browser" "$browser"
	woken_subscribe "$browser" >"$T/woken.out"
	woken_close "$browser"

	ring 1
	is "$(click "$browser" "$(session 1)")" "/#ring=$(session 1)" \
	    "a touch asks for its page"
	is "$(shown "$browser" .tag)" "" "the notification has gone"
	is "$(given 1)" "alice null ringing" "which is given the push"
	woken_close "$browser"
	ring 2
	is "$(click "$browser" "$(session 2)" answer)" "/#ring=$(session 2)" \
	    "so does Answer"
	is "$(given 2)" "alice answer ringing" "and says so"
	is "$(web "$browser" eval "push.ringFor('$(session 9)')")" null \
	    "nobody rang in another session"
	woken_close "$browser"

	# This browser is nobody's, so that no switch can be told.
	ring 3
	is "$(click "$browser" "$(session 3)" decline)" "/#ring=$(session 3)" \
	    "Decline asks for the page where no switch hears it"
	is "$(given 3 | cut -d ' ' -f 2)" decline "which is told"
	woken_close "$browser"

	ring 4
	check "missed" push "$browser" \
	    "$(call_push "$(session 4)" alice cancel 60)"
	check "it was" wait_for 10 shows "$browser" "$(session 4)" \
	    "Missed call from alice"
	is "$(click "$browser" "$(session 4)")" "/#call=alice" \
	    "a missed call leads to calling back"
	ring 5 guest.1
	push "$browser" "$(call_push "$(session 5)" guest.1 cancel 60)" \
	    >"$T/push.out"
	wait_for 10 shows "$browser" "$(session 5)" "Missed call from guest.1"
	is "$(click "$browser" "$(session 5)")" "/" \
	    "but not to a guest, whom nobody can call"
	ring 6 'a"b'
	push "$browser" "$(call_push "$(session 6)" 'a"b' cancel 60)" \
	    >"$T/push.out"
	wait_for 10 shows "$browser" "$(session 6)" 'Missed call from a"b'
	is "$(click "$browser" "$(session 6)")" "/" \
	    "nor to what cannot be a number"

	ring 7
	tell "$browser" "{ test: 'hush', tag: '$(session 7)' }" >"$T/hushed"
	check "it is swiped away, and repeated" push "$browser" \
	    "$(call_push "$(session 7)" alice call 60)"
	check "it is shown" wait_for 10 shows "$browser" "$(session 7)" \
	    "Call from alice"
	is "$(shown "$browser" '.silent')" true "without a sound"
	tell "$browser" "{ test: 'dismiss', tag: '$(session 7)' }" >"$T/hushed"

	# With a page that is open.
	woken_open "$browser"
	web "$browser" front >"$T/woken.out"
	check "with an open page: a call" push "$browser" \
	    "$(call_push "$(session 8)" alice call 60)"
	check "the page hears it" web "$browser" until "heard.length > 0"
	is "$(web "$browser" eval "heard[0]" | jq -r \
	    '"\(.push.kind) \(.push.caller) \(.action)"')" "call alice null" \
	    "and who calls"
	is "$(shown "$browser" '.asks')" false \
	    "the notification leaves the ringing to it"
	is "$(click "$browser" "$(session 8)" answer)" "" \
	    "a touch of Answer opens no other"
	is "$(web "$browser" eval "heard.at(-1).action")" answer \
	    "and the page hears of it"
	check "a cancel" push "$browser" \
	    "$(call_push "$(session 8)" alice cancel 60)"
	check "the page hears it, too" web "$browser" until \
	    "heard.at(-1).push.kind === 'cancel'"
	check "the page speaks German" web "$browser" eval \
	    "push.setLanguage('de')"
	woken_close "$browser"
	push "$browser" "$(call_push "$(session 10)" alice call 60)" \
	    >"$T/push.out"
	check "and so does a ring" wait_for 10 shows "$browser" \
	    "$(session 10)" "Anruf von alice"
	web_stop "$browser"
done
finish
