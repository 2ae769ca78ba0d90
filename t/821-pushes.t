#!/bin/sh
# What a push does to a page that is closed, in Firefox, which gets it encrypted
# through a push service, and in Chromium, whose worker is handed the same text. A
# call rings, once for all its repeats. A cancel takes it back and says what became
# of it. A late push is a missed call, and so is a cancel that comes alone. What a
# hostile sender makes of the fields is text, or nothing that rings.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/web.sh"
. "$RP_SRC/t/push/push.sh"
. "$(dirname "$0")/woken.sh"
web_need "$0" "$@"

push_certificate
woken_sender
woken_folder
browsers=$web_browsers
[ -z "$web_without" ] || skip "pushes in Firefox" "$web_without"

# one NAME: its only notification.
one() {
	shown "$1" '"\(.tag) \(.state) \(.asks) \(.silent) \(.body)"'
}
only() {
	[ "$(one "$1")" = "$2" ]
}

for browser in $browsers; do
	woken_start "$browser" "$browser"
	check "$browser: the page has its worker" woken_subscribe "$browser"
	woken_close "$browser"
	id=$(session 1)
	check "a call" push "$browser" "$(call_push "$id" alice call 60)"
	check "it rings" wait_for 10 only "$browser" \
	    "$id call true false Call from alice"
	check "again" push "$browser" "$(call_push "$id" alice call 60)"
	check "and another" push "$browser" \
	    "$(call_push "$(session 2)" carol call 60)"
	check "it rings, too" wait_for 10 shows "$browser" "$(session 2)" \
	    "Call from carol"
	is "$(shown "$browser" .tag | sort | xargs)" "$id $(session 2)" \
	    "and the repeat has not come twice"
	check "its cancel" push "$browser" "$(call_push "$(session 2)" carol \
	    cancel 60 '{reason: "answered-elsewhere"}')"
	check "was answered elsewhere" wait_for 10 shows "$browser" \
	    "$(session 2)" "Call from carol: answered on another device"
	check "that of the first" push "$browser" \
	    "$(call_push "$id" alice cancel 60 '{reason: "cancelled"}')"
	check "was missed" wait_for 10 shows "$browser" "$id" \
	    "Missed call from alice"
	is "$(shown "$browser" 'select(.asks or (.silent | not))')" "" \
	    "nothing rings any more"
	check "its ring comes late" push "$browser" \
	    "$(call_push "$id" alice call 60)"
	check "a late push" push "$browser" \
	    "$(call_push "$(session 3)" dave call -5)"
	check "is a missed call" wait_for 10 shows "$browser" "$(session 3)" \
	    "Missed call from dave"
	check "a cancel of a ring that has not come" push "$browser" \
	    "$(call_push "$(session 4)" erin cancel 60)"
	check "is a missed call" wait_for 10 shows "$browser" "$(session 4)" \
	    "Missed call from erin"
	is "$(shown "$browser" 'select(.asks or (.silent | not))')" "" \
	    "none of them rings"
	check "a short ring" push "$browser" \
	    "$(call_push "$(session 5)" frank call 2)"
	check "whose cancel is lost becomes a missed call" wait_for 10 \
	    shows "$browser" "$(session 5)" "Missed call from frank"
	check "a test" push "$browser" '{"kind":"test"}'
	check "shows something" wait_for 10 shows "$browser" test \
	    "Calls can reach this device"

	# Hostile ones.
	check "markup in a name" push "$browser" "$(call_push "$(session 6)" \
	    '<b>x</b>&amp;' call 60)"
	check "is text" wait_for 10 shows "$browser" "$(session 6)" \
	    'Call from <b>x</b>&amp;'
	# A line feed, a mark of direction and one without width.
	bad=$(printf 'a\nb\342\200\256c\342\200\213d')
	check "strange characters" push "$browser" "$(call_push "$(session 7)" \
	    "$bad" call 60)"
	bad=$(printf 'a\357\277\275b\357\277\275c\357\277\275d')
	check "are replaced" wait_for 10 shows "$browser" "$(session 7)" \
	    "Call from $bad"
	long=$(printf %0600d 0)
	check "a name of 600 letters" push "$browser" \
	    "$(call_push "$(session 8)" "$long" call 60)"
	check "is cut" wait_for 10 shows "$browser" "$(session 8)" \
	    "Call from $(printf %064d 0)"
	n=0
	for field in '{sessionId: "../x"}' '{sessionId: 7}' '{kind: "ring"}' \
	    '{serverName: "a/b"}' '{port: 0}' '{port: "1"}' \
	    '{expiry: "soon"}'; do
		n=$((n + 1))
		check "$field" push "$browser" \
		    "$(call_push "$(session 9)" mallory call 60 "$field")"
		check "is not known" wait_for 10 shows "$browser" other \
		    "A message that this page does not know"
		tell "$browser" '{ test: "dismiss", tag: "other" }' >/dev/null
	done
	is "$(shown "$browser" .tag | grep -c "$(session 9)")" 0 \
	    "and none of these rings"
done
finish
