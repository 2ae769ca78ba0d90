#!/bin/sh
# One in twenty UDP packets is lost on each of its ways, to the relay and from it.
# Calls that begin by the push, with all that they send at once, come about none the
# less, and both ends hear each other. Runs in a network namespace of its own.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/early.sh"
command -v nft >/dev/null || skip_all "needs nftables"
own_network "$0" "$@"
nft add table inet bad && nft add chain inet bad out \
    '{ type filter hook output priority 0; }' &&
    nft add rule inet bad out meta l4proto udp \
    numgen random mod 20 0 counter drop || skip_all "needs nftables' numgen"

early_switch
bob_waits --echo
calls=10
heard=0
for n in $(seq $calls); do
	alice_calls 2>>"$T/alice.err" || break
	[ "$(jq '.media.packets_received > 0' "$T/alice.json")" = true ] ||
	    break
	heard=$n
done
is "$heard" "$calls" "alice hears bob in each of $calls calls" || {
	cat "$T/alice.err"
	jq -c . "$T/alice.json"
}
is "$(jq -s "map(select(.end_reason == \"completed\" and
    .media.packets_received > 0)) | length" "$T/bob.out")" "$calls" \
    "and bob hears her"
check "all of them began by the push" begun "$calls"
nft list table inet bad | grep -q 'packets [1-9]' ||
    fail "packets are lost" "$(nft list table inet bad)"
finish
