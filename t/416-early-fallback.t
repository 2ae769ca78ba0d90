#!/bin/sh
# A push that lets the callee begin may lack something, or say what is wrong. The
# call is then made as without it: a member that is missing, an old switch, a relayed
# address where nobody is, an address where no switch is, a relay that is no
# switch's, and a push that nobody has signed. Only another offer than that of the
# session ends the call, because RING has answered it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/early.sh"

early_switch
bob_waits --echo
n=0
begins=0

# goes_on FILTER BEGUN NAME: a call whose push went through the filter completes at
# both ends; so many (0 or 1) of these began by the push.
goes_on() {
	echo "$1" >"$T/filter"
	: >"$T/pushes"
	n=$((n + 1))
	begins=$((begins + $2))
	check "$3" alice_calls
	is "$(bobs $n .end_reason)" completed "bob completes it"
	check "$2 of it began early" begun $begins
}
early=.payload.early

goes_on . 1 "a call as it should be"
like "$(jq -r "$early.relayed" "$T/pushes" | head -n 1)" '^127\.0\.0\.1:[0-9]+$' \
    "its push has it all"
goes_on "del($early.offer) | $early.leftOut = [\"offer\"]" 1 \
    "the offer did not fit"
goes_on "del($early.addresses) | $early.leftOut = [\"addresses\"]" 0 \
    "without addresses nothing says where the relay may be"
goes_on "del($early)" 0 "an old switch says nothing"
goes_on "del($early.relayed)" 1 "a relay that cannot tell beforehand"
goes_on "$early.relayed = \"127.0.0.1:9\"" 1 "the port is another"
goes_on "$early.relayed = \"[::1]:50000\"" 1 "the family is another"
goes_on "$early.relayed = \"192.0.2.1\"" 0 "it is not an address and a port"
goes_on "$early.addresses = [\"127.0.0.1:9\"]" 1 "no switch is there"
goes_on "$early.addresses = [\"192.0.2.1:31338\"]" 0 "the relay is not there"
goes_on "$early.addresses = [\"bob.example.org:31338\"]" 0 "a name"
goes_on "$early.iceServers[0].urls = \"turn:192.0.2.1:3478\"" 0 \
    "the relay is not the switch's"
goes_on "$early.iceServers[0].credential = \"wrong\" | $early.iceServers = []" 0 \
    "there are no servers"
goes_on "$early = 1" 0 "it is a number"
goes_on "$early.offer = \"v=0\"" 0 "the offer is of no use"

# The answer was that of another offer.
n=$((n + 1))
echo "$early.offer |= sub(\"o=- [0-9]+\"; \"o=- 1\")" >"$T/filter"
alice_calls 2>"$T/alice.err"
is $? 9 "another offer is not acceptable"
is "$(bobs $n .end_reason)" incompatible "to bob"
n=$((n + 1))
echo '.payload.caller = "mallory"' >"$T/filter"
alice_calls 2>"$T/alice.err"
is $? 9 "nor is another caller"
stop bob

# What others could send.
cd "$T/switch.d" || exit 1
echo . >"$T/filter"
sed -i 's/ public_key = [^;]*;//' "$T/switch.conf"
: >"$T/pushsend.conf"
cd "$T" || exit 1
stop switch
start_configured
sed -i "s|^switch = .*|switch = \"$(address call)\";|" \
    "$T/switch.d/alice.conf" "$T/switch.d/bob.conf"
bob_waits --echo
n=0
begins=0
goes_on . 0 "a push that is not signed"
is "$(jq -r "$early | has(\"offer\")" "$T/pushes" | head -n 1)" true \
    "though it said enough"
finish
