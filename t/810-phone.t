#!/bin/sh
# The engine of the page, without the page: it signs up by SMS, calls rp-dial,
# and is called by it. Words, identity and quality are there, and the history
# tells of it. In Chromium and in Firefox.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/browser.sh"
. "$(dirname "$0")/phone.sh"
browser_need "$0" "$@"
phone_open

for browser in $(phone_browsers); do
	browser_runs=$browser
	number=$(phone_number)
	phone_bob
	check "$browser: it signs up, and calls rp-dial" phone dial do=dials \
	    "number=$number&callee=bob"
	is "$(result dial '.states | join(",")')" \
	    "calling,ringing,connecting,talking,over hung-up" \
	    "$browser: it rang, was answered and hung up"
	is "$(result dial '[(.words | length), .wordsState, .identity.state,
	    (.quality.mos >= 1)] | join(" ")')" "4 new new true" \
	    "$browser: with words and a score"
	is "$(result dial '.history | map(.number + " " + .kind) | join(",")')" \
	    "bob out" "$browser: the history has it"
	stop bob

	number=$(phone_number)
	rm -f "$T/waits"
	phone answer do=answers "number=$number" &
	page=$!
	check "$browser: it can be woken" wait_for 30 test -e "$T/waits"
	rp-dial --account "$T/switch.d/alice.conf" --duration 4 "$number" \
	    >"$T/alice.out" 2>"$T/alice.err"
	is "$?" 0 "$browser: rp-dial calls it: $(tail -n 1 "$T/alice.err")"
	wait $page
	is "$?" 0 "$browser: which is content: $(cat "$T/answer.json")"
	is "$(result answer '.states | join(",")')" \
	    "incoming,connecting,talking,over hung-up" \
	    "$browser: it was called and answered"
	is "$(result answer '[.history[0].kind, .wordsState] | join(" ")')" \
	    "in new" "$browser: the history has it, with words"
done
finish
