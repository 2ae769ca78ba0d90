#!/bin/sh
# What may happen to pushes, on a simulated system (scenarios/pushes.c of t/sim): the
# real rp-pushsend runs beside the switch, and push services lose, double, delay and
# refuse. Every request has one result, and the switch does what that asks for.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/simulate.sh"
[ -e "$RP_BUILD/libpushsend.a" ] || skip_all "rp-pushsend is not made"
cd "$T" || exit 1

"$sim/fixture.sh" kept a:eu
check "it is linked" "$sim/build.sh" "$RP_BUILD" pushes \
    "$sim/scenarios/pushes.c"
check "the seam has no hole" "$sim/seam.pl" pushes.objects/list \
    "$RP_BUILD/libswitchd.a" "$RP_BUILD/libdial.a" "$RP_BUILD/libmedia.a" \
    "$RP_BUILD/libpushsend.a" "$RP_BUILD/libcommon.a"
# pushes FILE SEED: from nothing but the certificates.
pushes() {
	world_of pushes "$@"
}
pushes one 1
pushes again 1
check "the same seed is the same record" cmp one again

# of FATE: the lines of the call with that fate.
of() {
	sed -n "/ calls fate=$1\$/,/ counts fate=$1 /p" one
}
# counted FATE: what became of its pushes.
counted() {
	of "$1" | sed -n 's/.* counts fate=[a-z]* //p'
}
like "$(counted good)" "requests=5 .* taken=5 .* delivered=5" \
    "a ringing call pushes every three seconds, and its end does"
is "$(of good | grep -c 'wakes.*signed=1')" 5 "each is signed"
like "$(counted lost)" "taken=5 lost=5 .*delivered=0" \
    "the service may lose them"
like "$(counted twice)" "doubled=5 .*delivered=10" "or deliver them twice"
like "$(counted asleep)" "taken=5 .*replaced=4 .*delivered=0" \
    "one of its topic replaces that of a phone out of reach"
like "$(of late | sed -n 's/.*wakes.* len=\([0-9]*\) .*/\1/p' | tail -2 |
    tr '\n' ' ')" "^1[0-9]* 263 $" "those that are late keep their order"
like "$(of ill | grep ' result ')" "status=retry" "503 is tried again"
like "$(of ill | grep 'debug event=push id' | head -1)" "attempts=[3-9]" \
    "several times"
like "$(of busy | grep 'debug event=push id' | head -1)" \
    "429.*attempts=2 ms=[4-9]..." "429 is, after what it asks for"
like "$(of unreached | grep ' result ' | tail -1)" "status=retry" \
    "a service without a connection is"
like "$(of silent | grep 'debug event=push id' | head -1)" "status=retry" \
    "and so is one that does not answer"
like "$(counted unsaid)" "silent=[2-9] .*taken=[2-9] .*delivered=[2-9]" \
    "whether it has taken the message or not"
like "$(counted some)" "refused=[1-9].*taken=[1-9]" "it may be half ill"
like "$(of some | grep ' result ' | tail -1)" "status=sent" "and get well"
like "$(of gone | grep ' result ')" "status=gone" "410 ends a registration"
like "$(of after)" "status=480 reason=\"unreachable\"" \
    "and then nobody is called there"
# ids WHAT: of requests or results, each line an id.
ids() {
	sed -n "s/.* rp-pushsend $1 id=\\([^ ]*\\).*/\\1/p" one | sort
}
is "$(ids result)" "$(ids request)" "each request has one result"
finish
