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
	rm -f "$T/waits"
	phone_bob
	phone calls do=calls "number=$number&callee=bob" &
	page=$!
	check "$browser: it signs up, calls rp-dial, and can be woken" \
	    wait_for 60 test -e "$T/waits"
	stop bob
	rp-dial --account "$T/switch.d/alice.conf" --duration 3 "$number" \
	    >"$T/alice.out" 2>"$T/alice.err"
	is "$?" 0 "$browser: rp-dial calls it: $(tail -n 1 "$T/alice.err")"
	wait $page
	is "$?" 0 "$browser: which is content: $(result calls .why)"
	is "$(result calls '.states | join(",")')" "calling,ringing,connecting,$(
	    )talking,over hung-up,incoming,connecting,talking,over hung-up" \
	    "$browser: both rang, were answered and hung up"
	is "$(result calls '.dialled, . | [(.words | length), .wordsState,
	    .identity.state] | join(" ")' | paste -sd ,)" "4 new new,4 new new" \
	    "$browser: with words and an identity"
	is "$(result calls '.dialled.quality.mos >= 1')" true \
	    "$browser: and a score"
	is "$(result calls '.history | map(.number + " " + .kind) | join(",")')" \
	    "alice in,bob out" "$browser: the history has them"
done
finish
