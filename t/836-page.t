#!/bin/sh
# A browser calls a terminal, as the first steps of README.md say: a switch for
# trying out, its page, and bob in a terminal. The page of Chromium and of Firefox
# joins by a link, dials, and both ends hear each other. What is muted is not
# heard. Both show the same words. The page hangs up, and has a history of it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/web.sh"
. "$(dirname "$0")/pagecall.sh"
web_need "$0" "$@"
phone_open
speech bob "The quick brown fox jumps."
terminal bob --json "$T/bob.json"

# How the call ended at bob's, and his words.
bobs() {
	jq -r '[.end_reason, .security.words[]] | join(" ")' "$T/bob.json"
}

for browser in $web_browsers; do
	# Another browser is another identity.
	rm -f "$d/bob.known_peers" "$T/bob.json"
	speech "$browser" "Zwei Leute reden jetzt." de
	phone "$browser" "$browser" alice
	check "$browser dials bob" dials "$browser" bob
	check "they talk" web_in "$browser" talking
	both_hear "$browser" bob "$browser calls"
	check "$browser: mute" web "$browser" click mute
	check "nothing is heard of the page" fails hears_once bob "$browser"
	check "unmute" web "$browser" click mute
	check "and it is heard again" hears bob "$browser"
	words=$(words_of "$browser")
	check "$browser hangs up" web "$browser" click hang-up
	check "which is the end" web_in "$browser" over
	is "$(web "$browser" eval "phone.history.map((one) =>
	    [one.number, one.kind, one.reason, one.seconds > 0].join(' ')
	    ).join('; ')")" "bob out hung-up true" "its history has it"
	wait_for 10 test -s "$T/bob.json" || fail "bob's call ends"
	is "$(bobs)" "completed $words" "so has bob, who saw the same four words"
	web_stop "$browser"
done
finish
