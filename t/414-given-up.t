#!/bin/sh
# A caller who gives up while rp-dial still connects has no session yet that
# could be cancelled. rp-dial waits for the session, tells the other side, and
# does nothing else in it, because its media is gone by then. The switch is 400
# ms away, which leaves time to give up.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dns.sh"
. "$(dirname "$0")/world/world.sh"
. "$(dirname "$0")/world/service.sh"
world_need
export RP_LOG=debug

service_open
world_host ann london
world_host bob frankfurt
world_host dub1 dublin
world_host ns -
world_set "rtt ann dub1 400" "rtt bob dub1 400"
service_switch dub1
world_start
service_dns ns
service_user ann bob
service_start dub1
service_answer bob bob --echo --json "$T/bob.json"

connects() {	# HOST PORT: is there a connection, of which nothing has come?
	world_exec "$1" ss -tnH state syn-sent state established |
	    grep -q ":$2 *\$"
}
quiet() {
	[ "$(rp-drain --sessions --json --socket "$T/dub1.control" |
	    jq -es length)" = 0 ]
}

# The callee: it is told to end when its push has come.
# shellcheck disable=SC2046
start ann $(world_in ann) rp-dial --account "$T/ann.conf" --json "$T/ann.json" \
    bob
check "bob is woken and connects" wait_for 20 connects bob 31338
stop bob
is $? 5 "bob is told to end: he declines" || tail -n 20 "$T/bob.err"
join ann
is $? 5 "ann hears that he does not take it"
is "$(jq -r .end_reason "$T/bob.json" "$T/ann.json" | xargs)" \
    "declined declined" "as both reports say"

# The caller.
service_answer bob bob --echo --json "$T/bob.json"
# shellcheck disable=SC2046
start ann $(world_in ann) rp-dial --account "$T/ann.conf" --json "$T/ann.json" \
    bob
check "ann connects" wait_for 20 connects ann 31337
stop ann INT
is $? 4 "ann gives it up" || tail -n 20 "$T/ann.err"
is "$(jq -r .end_reason "$T/ann.json")" cancelled "as her report says"
check "the switch has no call left" wait_for 10 quiet
finish
