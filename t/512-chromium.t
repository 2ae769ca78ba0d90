#!/bin/sh
# Chromium, with the script of rp-signal(7), and rp-dial call each other. Chromium
# restarts ICE once in each call, and speech is heard both ways after that.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/browser.sh"
. "$(dirname "$0")/stacks.sh"
browser_need "$0" "$@"
stacks_open
browser_ca=$T/switch.d/ca.pem
browser_script

# chromium ARGUMENT: its end of a call, as alice or bob.
chromium() {
	stacks_who=alice
	[ "$1" != callee= ] || stacks_who=bob
	browse stack.html "switch=$(address call)&number=$stacks_who$(
	    )&token=$(token $stacks_who)&$1&speech=stack.wav$(
	    )&heard=heard.raw&seconds=7" >stack.json
}
for way in call called; do
	check "$way" "stacks_$way" chromium
	is "$(jq -r '"\(.restarted) \(.state)"' stack.json)" \
	    "true connected" "$way: ICE was restarted: $(cat stack.json)"
	stacks_fit $way
done
finish
