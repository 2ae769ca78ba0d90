#!/bin/sh
# What may happen to the directory, on a simulated system (scenarios/directories.c
# of t/sim): it is lost, silent, late, full, slow, or fails for some. A switch that
# cannot read it closes, and callers go to the next; what is only late or full
# keeps nobody from calling.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/simulate.sh"
cd "$T" || exit 1

"$sim/fixture.sh" kept a:eu b:eu
check "it is linked" "$sim/build.sh" "$RP_BUILD" directories \
    "$sim/scenarios/directories.c"
# directories FILE SEED: from nothing but the certificates.
directories() {
	world_of directories "$@"
}
directories one 1
directories again 1
check "the same seed is the same record" cmp one again

# between FROM TO TEXT: the lines of that time with this text.
between() {
	awk -v from="$1" -v to="$2" '$1 >= from && $1 < to' one | grep "$3" |
	    tr '\n' ' '
}
called=event=call_started
like "$(between 10 11 event=gate)" "^10.00.* a .*closed_by=no-directory" \
    "a switch whose directory is lost closes at once"
like "$(between 15 18 $called)" "^[^ ]+ b " "callers go to another"
like "$(between 20 21 event=gate)" "^20.00.* a .*open=1" \
    "it opens when the directory is back"
like "$(between 25 28 $called)" "^[^ ]+ a " "and is the nearest again"
like "$(between 30 40 event=gate)" "^33.00.* a .*closed_by=no-directory" \
    "one that does not answer is lost after three seconds"
like "$(between 40 43 $called)" "^[^ ]+ b " "that is the same then"
like "$(between 50 51 event=gate)" "^50.00.* b " \
    "a fate for all is for those without one of their own"
like "$(between 55 58 $called)" "^[^ ]+ a " "who go on"
like "$(between 75 78 $called)" "callee=\"bob\" devices=1" \
    "a replica does not know a new device yet"
like "$(between 80 83 $called)" "^[^ ]+ a .*callee=\"carol\"" \
    "but a new number, by a second look at the primary"
like "$(between 95 98 ' a ')" "status=404" "not if that is away"
like "$(between 105 108 $called)" "devices=2" \
    "when it has caught up, it knows the device"
like "$(between 115 120 'method=PUT')" "status=503 reason=\"no-directory\"" \
    "a full one takes no registrations"
like "$(between 120 123 $called)" "^[^ ]+ a " "and keeps nobody from calling"
like "$(between 180 183 $called)" "callee=\"dave\" devices=1" \
    "what was registered again is there once it can be written"
like "$(between 205 208 $called)" "^205\.[4-9][0-9]* a " \
    "a slow one makes a call slow"
like "$(between 220 223 'status=503\|call_started')" \
    " a .*reason=\"no-directory\".* b debug event=call_started" \
    "a look-up that fails has the caller ask another switch"
is "$(between 223 300 status=408)" "" \
    "which does not wait for a caller that has gone"
finish
