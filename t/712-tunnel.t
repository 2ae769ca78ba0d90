#!/bin/sh
# Two accounts are no free tunnel. However many allocations the two parties of a
# call make, each of them has the bandwidth of one voice call, and until it is
# answered both have that together. What arrives is compared with what the rate
# allows in the time that it took.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
write_conf "exec $T/pusher $T" "drain_ms = 0;"
sed -i 's/^relay = {/relay = { secret = [ "north-of-the-river" ];/' "$T/switch.conf"
start_configured
wakeable bob

talk alice alice
say alice "INITIATE /session/bob body=offer"
check "a call" heard alice '^response 200 - 0 \{'
id=$(sed -n 's/.*"sessionId":"\([0-9a-f]*\)".*/\1/p' "$T/alice.out")

# tunnel MS: eight pairs of allocations for that long, and the number of voice
# calls that fit into what came. 128 kbit/s are 16 bytes a millisecond, and those
# of one second may come at once.
tunnel() {
	"$RP_BUILD/t/tools/tunnel" "$(address turn)" north-of-the-river "$id" 8 "$1" \
	    >"$T/tunnel" 2>&1 || cat "$T/tunnel"
	awk '{ one = 16 * ($2 + 1000) + 1000
	    print $1 <= one ? 1 : $1 <= 2 * one ? 2 : $1 "/" one }' \
	    "$T/tunnel"
}
is "$(tunnel 1000)" 1 "a call that rings has one voice call's bandwidth"
check "and has that" test "$(cut -d ' ' -f 1 "$T/tunnel")" -gt 14000
talk bob bob answer
say bob "RING /session/$id body=answer"
check "rings" heard alice 'RING .* answer$'
say bob "ANSWER /session/$id"
check "and is answered" heard alice '^request ANSWER'
is "$(tunnel 3000)" 2 "then each party has as much"
check "what was too much is counted" \
    metric_least 'rp_relay_dropped_total{reason="over_rate"}' 1
say alice "HANGUP /session/$id"
check "it ends" wait_for 5 metric_is rp_calls_active 0
stop switch
is $? 0 "the switch stops"
finish
