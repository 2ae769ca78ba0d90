#!/bin/sh
# Faults of switches, the directory, push services and the system at random, on
# a simulated system (scenarios/storm.c of t/sim): when all is mended, every
# switch takes calls again and holds nothing of those that were, no sender owes a
# result, no loop has turned without a pause, and all ends in peace with no byte
# kept.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/simulate.sh"
[ -e "$RP_BUILD/libpushsend.a" ] || skip_all "rp-pushsend is not made"
cd "$T" || exit 1

"$sim/fixture.sh" kept a:east b:east c:east
check "it is linked" "$sim/build.sh" "$RP_BUILD" storm \
    "$sim"/scenarios/storm*.c
# storm FILE FIRST LAST: from nothing but the certificates.
storm() {
	world_of storm "$@"
}
check "ten storms pass" storm some 1 10
is "$(grep -v '^seed=[0-9]* calls=' some)" "" "and nothing is wrong after them"
storm alone 1 1
is "$(cat alone)" "$(head -n 1 some)" "the first is the same again, alone"
finish
