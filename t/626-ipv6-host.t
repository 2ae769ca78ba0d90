#!/bin/sh
# A host with IPv6 and, except on loopback, no IPv4. The defaults on 127.0.0.1
# open as anywhere else, including those of the two HTTP ports. Runs in a
# network namespace of its own.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
own_network "$0" "$@"
ip -6 address add fd00:6::1/64 dev lo || skip_all "needs IPv6"

start_switch switch
like "$(address metrics)" '^127\.0\.0\.1:[1-9][0-9]*$' "a switch starts"
is "$(metric rp_gate_open)" 1 "its metrics are there"
start bob rp-dial --account "$T/switch.d/bob.conf" --answer --once \
    --ready-file "$T/bob.ready"
check "a callee can be woken" wait_for 10 grep -q '^push=127\.0\.0\.1:' \
    "$T/bob.ready"
finish
