#!/bin/sh
# Two simulated phones whose networks fail in the middle of a call, by two
# hundred seeds: another address, another NAT, none at all, a cut, loss. Nothing
# may be left of a call, and both must hear of its end, with one reason. The seed
# of what fails is the first word of its line.
. "$(dirname "$0")/lib.sh"
[ "${RP_SANITIZERS:-no}" != thread ] ||
    skip_all "ThreadSanitizer does not follow the simulation's fibers"
sim=$RP_SRC/t/sim
cd "$T" || exit 1

"$sim/fixture.sh" world sw1
check "it is linked" "$sim/build.sh" "$RP_BUILD" trouble \
    "$sim/scenarios/trouble.c"
./trouble world 1 200 >lines
is "$?" 0 "two hundred calls in trouble"
grep -v '^[0-9]* ok ' lines | sed 's/^/# seed /'
like "$(grep -c '^[0-9]* ok .*moved' lines)" "^[1-9]" "some were dialled again"
like "$(grep -c '^[0-9]* ok .*declined' lines)" "^[1-9]" "some declined"
finish
