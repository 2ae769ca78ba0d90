#!/bin/sh
# A page that is closed in mid-call hangs up. It does so in Chromium; Firefox takes
# the WebSocket away with the page, and about half of the time before what it sends.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/web.sh"
. "$(dirname "$0")/pagecall.sh"
web_need "$0" "$@"
web_needs chromium
phone_open
for browser in chromium; do
	rm -f "$d/bob.known_peers"
	terminal bob --once --json "$T/bob.json"
	phone "$browser" "$browser" alice
	dials "$browser" bob
	check "they talk" web_in "$browser" talking
	check "the page is closed" web "$browser" close
	join bob
	is $? 0 "$browser: which hangs up: $(jq -r .end_reason "$T/bob.json")"
	web_stop "$browser"
done
finish
