#!/bin/sh
# A long call and a drain. The call outlives its relay's allocations and
# credentials (shortened here), and changes of address at either end, which take
# new allocations. The drain waits for it and for nothing else. (t/bench/gaps
# has the silences.)
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dns.sh"
. "$(dirname "$0")/world/world.sh"
. "$(dirname "$0")/world/service.sh"
world_need

service_open
world_host ann london
world_host bob frankfurt
world_host dub1 dublin
world_host ns -
service_switch dub1
world_start
service_dns ns
service_user ann bob
service_start dub1
stop dub1
sed -i 's/secret = /lifetime_s = 1; credential_s = 4; &/' "$T/dub1.conf"
rm "$T/dub1.ready"
# shellcheck disable=SC2046
start dub1 $(world_in dub1) rp-switchd -c "$T/dub1.conf" \
    --ready-file "$T/dub1.ready"
check "a switch with allocations of seconds" wait_for 20 test -s "$T/dub1.ready"

moved() {
	[ "$(grep -c media_moved "$T/$1.err")" -ge "$2" ]
}

export RP_LOG=debug
service_answer bob bob --echo --once --json "$T/bob.json"
# shellcheck disable=SC2046
start ann $(world_in ann) rp-dial --account "$T/ann.conf" --duration 300 \
    --json "$T/ann.json" bob
wait_for 20 grep -q . "$T/ann.known_peers" || fail "the call"
start drain rp-drain --socket "$T/dub1.control"
check "a drain" wait_for 5 test -s "$T/drain.out"
# Allocations live six seconds if not refreshed, credentials four.
media_mark "$T/dub1.control"
check "nothing has to move for what has expired" never 9 moved ann 1
check "and the audio went on" media_grows 50 "$T/dub1.control"
world_roam ann
check "ann changes her address and comes back" wait_for 6 moved ann 1
check "bob follows" wait_for 6 moved bob 1
world_roam bob
check "bob changes his" wait_for 6 moved bob 2
check "ann follows" wait_for 6 moved ann 2
check "the drain waits" running drain
media_mark "$T/dub1.control"
check "they hear each other" wait_for 10 media_grows 50 "$T/dub1.control"
stop ann INT
is $? 0 "the call completes for ann"
join bob
is $? 0 "and for bob"
join drain
is $? 0 "and with it the drain"
is "$(jq ".media | $flowed" "$T/ann.json" "$T/bob.json" | xargs)" \
    "true true" "most of it is heard" ||
    jq -c .media "$T/ann.json" "$T/bob.json"
finish
