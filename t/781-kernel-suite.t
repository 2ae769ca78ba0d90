#!/bin/sh
# Scenarios of the relay hold with relay.kernel = "auto", too. Their clients are on
# loopback, where the kernel relays nothing; what they try is that the process does
# all as ever while its tables are in memory that a program in the kernel shares.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/turn.sh"
own_network "$0" "$@"
. "$(dirname "$0")/hosts.sh"
. "$(dirname "$0")/kernel.sh"
kernel_need

for name in 200-turn 750-clients; do
	RP_RELAY_KERNEL=auto sh "$RP_SRC/t/$name.t" >"$T/said" 2>&1
	is "$? $(grep -c '^not ok' "$T/said")" "0 0" "$name" ||
	    sed 's/^/# /' "$T/said"
	check "$name: it has points" grep -q '^ok 3 ' "$T/said"
done
finish
