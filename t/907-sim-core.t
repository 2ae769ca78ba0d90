#!/bin/sh
# What the simulation itself promises, so that a failure in it is the product's:
# memory, descriptors and time of processes, streams and datagrams, and that a
# world leaves nothing behind.
. "$(dirname "$0")/lib.sh"
[ "${RP_SANITIZERS:-no}" != thread ] ||
    skip_all "ThreadSanitizer does not follow the simulation's fibers"
cd "$T" || exit 1
"$RP_SRC/t/sim/build.sh" "$RP_BUILD" units "$RP_SRC/t/sim/units.c" || exit 1
./units
