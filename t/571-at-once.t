#!/bin/sh
# One rp-dial --answer --echo takes several calls at once, as many as --at-once
# allows. Each caller is heard. One call more is told that bob is busy, and when
# bob is stopped all callers are told so.
. "$(dirname "$0")/lib.sh"
cd "$T" || exit 1

like "$(rp-dial --answer --at-once 3 2>&1)" "--at-once: goes with --echo" \
    "several calls at once are for --echo only"
start_switch switch
echo_at_once 3
talking() {
	[ "$(rp-drain --status --json --socket switch.d/control |
	    jq '[.sessions[] | select(.state == "answered")] | length')" = "$1" ]
}
for i in 1 2 3; do
	start "alice$i" rp-dial --account switch.d/alice.conf \
	    --duration 600 --json "alice$i.json" bob
	check "call $i is answered" wait_for 20 talking "$i"
done
rp-dial --account switch.d/alice.conf --duration 1 bob 2>busy.err
is "$?" 5 "the fourth is busy: $(cat busy.err)"
check "all have media" wait_for 20 media_is '.rtp_packets > 50'
stop bob
for i in 1 2 3; do
	join "alice$i"
	is "$?" 0 "call $i ends when bob is stopped"
done
is "$(jq -s "all(.[]; .media | $flowed)" alice1.json alice2.json alice3.json)" \
    true "and each heard what it said"
finish
