#!/bin/sh
# Two phones of one page call each other with video, and have the same words. The
# caller switches its camera off, which frees it, and on again.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/browser.sh"
. "$(dirname "$0")/phone.sh"
browser_need "$0" "$@"
phone_open
wakeable bob

for browser in $(phone_browsers); do
	browser_runs=$browser
	check "$browser: they see each other, and both again" phone films \
	    do=films "alice=$(token alice)&bob=$(token bob)"
	is "$(result films .asked)" true "$browser: the callee knows of video"
	is "$(result films '.cameras | map(tostring) | join(",")')" \
	    "true,false,ended,true" "$browser: the camera was off, and on"
	is "$(result films .same)" true "$browser: both have the same words"
	is "$(result films '.left | unique | join(",")')" ended \
	    "$browser: nothing records after the call"
done
finish
