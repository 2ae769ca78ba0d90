#!/bin/sh
# Both ends of a page's call restart ICE at once: the caller's offer stands, and
# sound goes on. Then one of them is killed and comes back with another
# RTCPeerConnection: the other side replaces its own.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/browser.sh"
. "$(dirname "$0")/phone.sh"
browser_need "$0" "$@"
phone_open
wakeable bob

for browser in $(phone_browsers); do
	browser_runs=$browser
	check "$browser: both ends offer, and one is killed" phone meets \
	    do=meets "alice=$(token alice)&bob=$(token bob)"
	is "$(result meets '.met | join(",")')" "" \
	    "$browser: nothing fails where the offers meet"
	is "$(result meets .replaced)" true \
	    "$browser: another connection takes the place of the first"
done
finish
