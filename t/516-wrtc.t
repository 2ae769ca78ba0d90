#!/bin/sh
# @roamhq/wrtc, libwebrtc in Node.js, and rp-dial call each other. It knows its
# TURN servers before it makes an offer, and tells of 48 candidates of no use
# first. ICE is restarted once in each call, and speech is heard both ways after
# that.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/browser.sh"
. "$(dirname "$0")/stacks.sh"
stacks_npm @roamhq/wrtc
browser_network "$0" "$@"
stacks_open

stacks_both_ways stacks_node wrtc
