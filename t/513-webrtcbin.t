#!/bin/sh
# webrtcbin, of GStreamer, and rp-dial call each other. webrtcbin has to know its
# TURN servers before it makes an offer. ICE is restarted once in each call, and
# speech is heard both ways after that.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/browser.sh"
. "$(dirname "$0")/stacks.sh"
python=/usr/bin/python3
$python -B "$RP_SRC/t/tools/stack_webrtcbin.py" --missing 2>/dev/null ||
    skip_all "needs webrtcbin and its libnice, by Python"
routed_network "$0" "$@"
stacks_open

stacks_both_ways stacks_python webrtcbin
