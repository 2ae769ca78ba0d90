#!/bin/sh
# A page that is closed in mid-call hangs up, in both browsers.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/web.sh"
. "$(dirname "$0")/pagecall.sh"
web_need "$0" "$@"
phone_open
for browser in $web_browsers; do
	rm -f "$d/bob.known_peers"
	terminal bob --once --json "$T/bob.json"
	phone "$browser" "$browser" alice
	dials "$browser" bob
	check "they talk" web_in "$browser" talking
	check "the page is closed" web "$browser" close
	join bob
	is $? 0 "$browser: which hangs up: $(jq -c '[.end_reason, .status]' "$T/bob.json") $(tail -n 3 "$T/bob.err")"
	web_stop "$browser"
done
finish
