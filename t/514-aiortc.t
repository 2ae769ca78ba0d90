#!/bin/sh
# aiortc, WebRTC in Python, and rp-dial call each other. aiortc has to know its
# TURN servers before it makes an offer. ICE is restarted once in each call, and
# speech is heard both ways after that.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/browser.sh"
. "$(dirname "$0")/stacks.sh"
python=/usr/bin/python3
$python -c 'import aiortc' 2>/dev/null || skip_all "needs python3-aiortc"
routed_network "$0" "$@"
stacks_open

# aiortc ARGUMENT: its end of a call, as alice or bob.
aiortc() {
	stacks_who=alice
	[ "$1" != callee= ] || stacks_who=bob
	$python -B "$RP_SRC/t/tools/stack_aiortc.py" "$(address call)" \
	    switch.d/ca.pem $stacks_who "$(token $stacks_who)" "$1" \
	    >stack.json 2>stack.err
}
for way in call called; do
	check "$way" "stacks_$way" aiortc
	is "$(cat stack.json)" '{"restarted": true, "state": "connected"}' \
	    "$way: ICE was restarted: $(tail -n 20 stack.err)"
	stacks_fit $way
done
finish
