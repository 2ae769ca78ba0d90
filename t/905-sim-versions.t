#!/bin/sh
# 0.1.0 and this version side by side on a simulated system: a switch, a caller
# and a callee, each of either version, in all mixtures. They call each other as
# they are, from a seed, and both parties hear the other. Only two of one version
# have words to compare: 0.1.0's prove nothing, and this version says so. A caller
# of 0.1.0 has one handshake for all devices of the callee: both ring, and it talks
# to the one that answers, whichever it heard of first.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/simulate.sh"
commit=$(sed -n 's/^commit=\([0-9a-f]*\).*/\1/p' "$sim/old/build.sh")
git -C "$RP_SRC" cat-file -e "$commit^{commit}" 2>/dev/null ||
    skip_all "needs the git history, where 0.1.0 is"
cd "$T" || exit 1

check "0.1.0's programs are objects of this one" "$sim/old/build.sh" old
check "they are linked beside this version" "$sim/build.sh" "$RP_BUILD" \
    call "$sim/scenarios/call.c" \
    old/old-dial.o old/old-switch.o
"$sim/fixture.sh" kept sw1

# call FILE SEED LOSS VERSION...: from nothing but the certificates.
call() {
	world_of call "$@"
}

# ends: how it ended for alice, and for bob.
ends() {
	jq -r .end_reason world/alice.json world/bob.json | tr '\n' ' '
}

# words: what both have to compare, if it is the same.
words() {
	jq -c '.security.words != null' world/alice.json
	[ "$(jq -c .security.words world/alice.json)" = \
	    "$(jq -c .security.words world/bob.json)" ] && echo same
}

# mixture NAME WORDS VERSION...: with and without losses on the way.
mixture() {
	name=$1 compare=$2
	shift 2
	call one 1 0 "$@"
	is "$(ends)" "completed completed " "$name: they call"
	like "$(jq .media.packets_received world/alice.json |
	    tr '\n' ' ')$(jq .media.packets_received world/bob.json)" \
	    "^[1-9][0-9]* [1-9]" "$name: they hear each other"
	is "$(words | tr '\n' ' ')" "$compare same " "$name: their words"
	call lossy 2 50000 "$@"
	is "$(ends)" "completed completed " \
	    "$name: and with five packets in a hundred lost"
}

mixture "an old switch" true old-switch
mixture "an old caller" false old-alice
mixture "an old callee" false old-bob
mixture "an old switch and caller" false old-switch old-alice
mixture "an old switch and callee" false old-switch old-bob
mixture "an old caller and callee" true old-alice old-bob
mixture "all of them old" true old-switch old-alice old-bob

check "phones are linked with it" "$sim/build.sh" "$RP_BUILD" phones \
    "$sim/scenarios/phones.c" old/old-dial.o old/old-switch.o
cp -r kept devices
# silent RINGS: the seeds of calls in which nobody was heard.
silent() {
	for seed in $(seq 40); do
		./phones devices "$seed" 0 alice/1 "$1" >devices.out 2>&1
		grep -q "^[0-9.]* - over .*peer=bob end=completed" \
		    devices.out || printf '%s ' "$seed"
	done
}
is "$(silent 3)" "" "two devices ring for an old caller, and she hears bob"
is "$(silent 25)" "" "and if he answers late"

call one 1 0 old-switch
call again 1 0 old-switch
check "the same seed is the same record" cmp one again

# Stories of one version at the other.
"$sim/fixture.sh" told a:east b:east
check "stories with 0.1.0 are linked" "$sim/build.sh" "$RP_BUILD" story \
    "$sim/story.c" old/old-dial.o old/old-switch.o
for story in "$sim"/stories/old/*.story; do
	./story --folder told "$story" >told.out 2>&1
	like "$(grep -v '^[0-9]' told.out)" ": worlds=" "$(basename "$story")"
done
finish
