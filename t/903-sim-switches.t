#!/bin/sh
# What may happen to switches, on a simulated system (scenarios/switches.c of
# t/sim): a drain refuses calls, waits for the one that rings and then says so; a
# switch that hangs, was killed or has no power is passed by; each comes back.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/simulate.sh"
cd "$T" || exit 1

"$sim/fixture.sh" kept a:eu b:eu c:us
check "it is linked" "$sim/build.sh" "$RP_BUILD" switches \
    "$sim/scenarios/switches.c"
# switches FILE SEED [LOSS]: from nothing but the certificates.
switches() {
	world_of switches "$@"
}
switches one 1
switches again 1
check "the same seed is the same record" cmp one again

# between FROM TO TEXT: the lines of `one` in that time with this text.
between() {
	awk -v from="$1" -v to="$2" '$1 >= from && $1 < to' one | grep "$3" |
	    tr '\n' ' '
}
like "$(between 5 6 event=call_started)" "^[^ ]+ a debug" \
    "the nearest switch has a call"
like "$(between 16 18 'call_ended\|drained=')" \
    "call_ended.*operator drained=1.*told drained=a" \
    "a drain ends after the call that was there"
like "$(between 21 22 switch=a)" "runs=1 open=0 draining=1 calls=0" \
    "and the switch stays closed"
like "$(between 30 31 event=call_started)" "^[^ ]+ b debug" \
    "the next call is on another switch"
like "$(between 51 52 switch=a)" "open=1 draining=0" "it can be undrained"
like "$(between 61 63 event=call_started)" "^[^ ]+ b debug" \
    "one that hangs is passed by"
like "$(between 82 83 ' told ')" "ended=b status=0 ghost=1" \
    "the ghost of one that was killed frees its memory"
like "$(between 82 83 signalling_broken)" " alice " "its caller sees it"
like "$(between 91 92 switch=b)" "runs=1 open=1.*calls=0" \
    "it starts again, with nothing"
like "$(between 105 106 event=call_started)" "^[^ ]+ a debug" \
    "one that hung goes on when it can"
like "$(between 111 112 switch=a)" "runs=0" "power fails"
like "$(between 170 171 ' told ')" "ended=a status=0 ghost=1" \
    "and comes back"
like "$(between 190 191 event=call_started)" "^[^ ]+ a debug" \
    "then it is the nearest again"
like "$(between 202 203 ' told ')" "ended=a status=0 ghost=0.*drained=a" \
    "a drain with --stop ends it"
like "$(between 230 231 ' told ')" "ended=b status=0 ghost=0" \
    "and so does SIGTERM"
is "$(grep -c 'calls=[1-9].*known=0\|switch=c.*calls=[1-9]' one)" 0 \
    "no call was anywhere else"
is "$(between 255 260 'calls=[1-9]\|allocations=[1-9]')" "" \
    "nothing is left of them"
switches lossy 2 50000
is "$(grep -c event=call_started lossy)" 7 \
    "with five packets in a hundred lost there are as many calls"
finish
