#!/bin/sh
# Both ends of a call change their address once while they talk, as phones do
# between two networks. Each notices by itself, returns to the switch with
# RESUME, and moves its media by an ICE restart. The audio goes on, and it
# remains one call to its end. (t/bench/gaps has the silences.)
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

moved() {
	[ "$(grep -c media_moved "$T/$1.err")" -ge "$2" ]
}

# more N: so many packets more come to the switch from each of them.
more() {
	media_mark "$T/dub1.control"
	wait_for 10 media_grows "$1" "$T/dub1.control"
}

export RP_LOG=debug
# shellcheck disable=SC2046
start bob $(world_in bob) rp-dial --account "$T/bob.conf" --answer --echo \
    --once --push-listen "$(world_addr bob):0" --json "$T/bob.json" \
    --ready-file "$T/bob.ready"
check "bob can be woken" wait_for 20 test -s "$T/bob.ready"
# shellcheck disable=SC2046
start ann $(world_in ann) rp-dial --account "$T/ann.conf" --duration 120 \
    --json "$T/ann.json" bob
wait_for 20 media_is true "$T/dub1.control" || fail "the call"
more 50 || fail "they talk"

world_roam ann
check "ann moves her media" wait_for 5 moved ann 1
check "bob follows" wait_for 5 moved bob 1
check "the audio goes on" more 50
world_roam bob
check "bob moves his media" wait_for 5 moved bob 2
check "ann follows" wait_for 5 moved ann 2
check "and again" more 50
stop ann INT
is $? 0 "the call completes for ann"
join bob
is $? 0 "and for bob"
# Three times fifty were sent at least while nothing moved.
is "$(jq '.media.packets_received > 100' "$T/ann.json" "$T/bob.json" |
    xargs)" "true true" "little of it is lost" ||
    jq -c .media "$T/ann.json" "$T/bob.json"

# A NAT forgets: what one socket of ann's sends is lost from now on, and no
# address has changed. A new allocation leaves from another.
rm -f "$T/bob.ready"
# shellcheck disable=SC2046
start bob $(world_in bob) rp-dial --account "$T/bob.conf" --answer --echo \
    --once --push-listen "$(world_addr bob 2):0" --json "$T/bob.json" \
    --ready-file "$T/bob.ready"
check "bob can be woken again" wait_for 20 test -s "$T/bob.ready"
# shellcheck disable=SC2046
start ann $(world_in ann) rp-dial --account "$T/ann.conf" --duration 120 \
    --json "$T/ann.json" bob
wait_for 20 media_is true "$T/dub1.control" || fail "the call"
more 50 || fail "they talk"
world_exec ann nft -f - <<-END
	table ip lost {
		chain out {
			type filter hook output priority 0;
			udp sport { $(world_exec ann ss -unH | awk '{
			    sub(/.*:/, "", $3); print $3 }' | paste -sd ,) } drop
		}
	}
END
check "a socket falls silent, and both are heard again" more 50
stop ann INT
is $? 0 "ann's call completes"
join bob
is $? 0 "and bob's"
is "$(jq '.media.packets_received > 70' "$T/ann.json" "$T/bob.json" |
    xargs)" "true true" \
    "though a socket had fallen silent in mid-call" ||
    jq -c .media "$T/ann.json" "$T/bob.json"
finish
