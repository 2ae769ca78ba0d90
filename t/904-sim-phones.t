#!/bin/sh
# Simulated phones: rp-dial by its main, with a person's keys, a sleep, and a
# network that changes.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/simulate.sh"
cd "$T" || exit 1

"$sim/fixture.sh" world sw1
check "it is linked" "$sim/build.sh" "$RP_BUILD" phones \
    "$sim/scenarios/phones.c"
./phones world 1 >one
./phones world 1 >again
check "the same seed is the same record, in a folder that was used" \
    cmp one again
"$sim/fixture.sh" other sw1
./phones other 1 >elsewhere
check "and in another" cmp one elsewhere

# said FILE WHO: what that one did, without times and sessions.
said() {
	sed -nE "s|^[0-9.]+ $2 ([a-z]+ .*)|\\1;|p" "$1" |
	    sed -E '/^(debug|info|warn) /d; s/session=[0-9a-f]+ //' | tr '\n' ' '
}
like "$(said one -)" "sleeps phone=bob/1; sleeps phone=bob/2; " \
    "phones that have registered fall asleep"
like "$(said one -)" "wakes phone=bob/[12]; wakes phone=bob/[12]; " \
    "a push wakes both phones of a number"
like "$(said one bob/1)" \
    "rings peer=alice; .*over peer=alice end=over talked=0" \
    "both ring, and one is told that the other answered"
like "$(said one bob/2)" \
    "rings peer=alice; talks peer=alice; over peer=alice end=completed" \
    "by the key of its person, who then hangs up"
like "$(said one 'alice/1\+')" \
    "hears peer=bob; talks peer=bob; over peer=bob end=completed talked=1" \
    "the caller hears it, and the call survives its new address"
like "$(said one -)" "key=q; .*sleeps phone=bob/1; .*sleeps phone=bob/2" \
    "they fall asleep again"
finish
