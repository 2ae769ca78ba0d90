#!/bin/sh
# werift, WebRTC in TypeScript, and rp-dial call each other. It knows its TURN
# servers before it makes an offer, and tells of 48 candidates of no use first.
# ICE is restarted once in each call, and speech is heard both ways after that.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/browser.sh"
. "$(dirname "$0")/stacks.sh"
stacks_npm werift
browser_network "$0" "$@"
stacks_open
rtpdecode --make stack.wav stack.pcap

# werift callee=[NUMBER]: its end; it knows packets alone.
werift() {
	stacks_node werift "$1" && rtpdecode heard.pcap heard.wav >heard.out &&
	    mv heard.wav heard.raw
}
stacks_both_ways werift
