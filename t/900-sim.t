#!/bin/sh
# The real switch and the real signalling client on a simulated system. One seed
# decides all: the same seed gives the same record, to the byte, and another one
# gives another. What the product calls of the system is simulated, or stands in
# a list. A call passes through in spite of lost packets, and a switch that is
# killed is seen by both parties at once.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/simulate.sh"
cd "$T" || exit 1

"$sim/fixture.sh" world sw1
check "it is linked" "$sim/build.sh" "$RP_BUILD" signal \
    "$sim/scenarios/signal.c"

./signal world 1 >one
./signal world 1 >again
./signal world 2 >two
check "the same seed is the same record" cmp one again
check "another seed is another" sh -c '! cmp -s one two'

# party FILE NAME: what that party did and heard, without times.
party() {
	sed -nE "s/^[0-9.]+ $2 (first|hears|says|closed) /\\1 /p" "$1" |
	    tr '\n' ' '
}
like "$(party one alice)" "first status=200.*hears method=RING.*hears method=ANSWER.*says method=HANGUP err=0" \
    "alice calls, bob rings and answers, she hangs up"
like "$(party one bob)" "first status=200.*says method=ANSWER err=0.*hears method=HANGUP" \
    "bob comes by the push, answers, and hears the end"
like "$(grep 'ended process=sw1' one)" "status=0" "the switch stops when told"

./signal world 3 50000 >lossy
like "$(party lossy bob)" "hears method=HANGUP" \
    "with five packets in a hundred lost it is the same call"

./signal world 4 0 kill >killed
# It dies at 15 s, and the way takes 20 to 25 ms. Its ghost says nothing more.
like "$(grep ' alice closed' killed)" "^15\.02[0-5].* err=-104" \
    "a switch that is killed is seen at once by the caller"
like "$(grep ' bob closed' killed)" "^15\.02[0-5].* err=-104" \
    "and by the callee"
like "$(grep 'ended process=sw1' killed)" "status=0" \
    "whose ghost runs to its end"

check "two rp-dials and all between them are linked" "$sim/build.sh" \
    "$RP_BUILD" call "$sim/scenarios/call.c"
check "the seam has no hole" "$sim/seam.pl" call.objects/list \
    "$RP_BUILD/libswitchd.a" "$RP_BUILD/libdial.a" \
    "$RP_BUILD/libmedia.a" "$RP_BUILD/libpushsend.a" "$RP_BUILD/libcommon.a"
"$sim/fixture.sh" kept sw1
# call FILE SEED [LOSS]: from nothing but the certificates.
call() {
	world_of call "$@"
}
call three 1
call thrice 1
check "a whole call is the same record, too" cmp three thrice
is "$(grep -c 'ended .*bytes=0$' three)" 2 "its processes have freed all"
call lazy 1 0 lazy
check "a switch whose ticks come late and together makes no difference" \
    cmp three lazy
like "$(jq -r .end_reason world/alice.json)" "^completed$" "alice's rp-dial"
like "$(jq -r .end_reason world/bob.json)" "^completed$" "and bob's are content"
is "$(jq -c .security.words world/alice.json)" \
    "$(jq -c .security.words world/bob.json)" "their words are the same"
like "$(jq .media.packets_received world/bob.json)" "^[1-9]" "he hears her"
call lost 5 100000
like "$(jq -r .end_reason world/alice.json)" "^completed$" \
    "with ten packets in a hundred lost it is a call all the same"
finish
