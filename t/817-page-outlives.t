#!/bin/sh
# The switch of a page's call is killed, and another takes its place, which knows
# of no such call: the page dials again, and both hear each other.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/browser.sh"
. "$(dirname "$0")/phone.sh"
browser_need "$0" "$@"
phone_open

# The same addresses for the next switch.
for port in call answer; do
	sed -i "s|^$port = {\(.*\)listen = \"[^\"]*\"|$port = {\1listen = \"$(
	    address $port)\"|" "$T/switch.conf"
done
for browser in $(phone_browsers); do
	browser_runs=$browser
	rm -f "$T/talking"
	phone_bob
	phone outlives do=outlives "number=$(phone_number)&callee=bob" &
	page=$!
	check "$browser: a call is on" wait_for 60 test -e "$T/talking"
	stop switch KILL
	start_configured
	wait $page
	is "$?" 0 "$browser: another call follows: $(result outlives .why)"
	is "$(result outlives '[.history[] | .kind + " " + .reason] |
	    join(",")')" "out hung-up,out moved" \
	    "$browser: by the switch that took its place"
	stop bob
done
finish
