#!/bin/sh
# Both ends of a call change their address once while they talk, as phones do
# that go from one network to another. Each notices by itself, comes back to
# the switch with RESUME, and moves its media by an ICE restart: within half a
# second or so the audio goes on, and the call is one call to its end.
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

received() {
	jq '.media.packets_received' "$T/$1.json"
}

export RP_LOG=debug
# shellcheck disable=SC2046
start bob $(world_in bob) rp-dial --account "$T/bob.conf" --answer --echo \
    --once --push-listen "$(world_addr bob):0" --json "$T/bob.json" \
    --ready-file "$T/bob.ready"
check "bob can be woken" wait_for 20 test -s "$T/bob.ready"
# shellcheck disable=SC2046
start ann $(world_in ann) rp-dial --account "$T/ann.conf" --duration 12 \
    --json "$T/ann.json" bob
wait_for 20 grep -q . "$T/ann.known_peers" || fail "the call"
sleep 1

world_roam ann
check "ann moves her media" wait_for 5 moved ann 1
check "bob follows" wait_for 5 moved bob 1
sleep 1
world_roam bob
check "bob moves his media" wait_for 5 moved bob 2
check "ann follows" wait_for 5 moved ann 2
join ann
is $? 0 "the call completes for ann"
join bob
is $? 0 "and for bob"
# 12 seconds are 600 packets; two moves cost less than three seconds of them,
# and half of one where nothing else keeps the machine busy.
echo "# packets received: ann $(received ann), bob $(received bob)"
is "$(jq '.media.packets_received > 450' "$T/ann.json" "$T/bob.json" |
    xargs)" "true true" "with little of it lost" ||
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
start ann $(world_in ann) rp-dial --account "$T/ann.conf" --duration 14 \
    --json "$T/ann.json" bob
wait_for 20 world_exec ann sh -c "ss -unH dst $(world_addr dub1) | grep -q ." ||
    fail "the call"
sleep 2
world_exec ann nft -f - <<-END
	table ip lost {
		chain out {
			type filter hook output priority 0;
			udp sport { $(world_exec ann ss -unH | awk '{
			    sub(/.*:/, "", $3); print $3 }' | paste -sd ,) } drop
		}
	}
END
join ann
is $? 0 "ann's call completes"
join bob
is $? 0 "and bob's"
echo "# packets received: ann $(received ann), bob $(received bob)"
is "$(jq '.media.packets_received > 250' "$T/ann.json" "$T/bob.json" |
    xargs)" "true true" "though a socket had fallen silent in mid-call" ||
    jq -c .media "$T/ann.json" "$T/bob.json"
finish
