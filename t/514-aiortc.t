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

stacks_both_ways stacks_python aiortc
