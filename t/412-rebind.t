#!/bin/sh
# A NAT drops its mapping without any notice. No interface changes and the
# signalling connection stands, but the caller's packets reach the relay from an
# unknown port. After two silent seconds the caller asks for a new allocation,
# and both ends hear each other again.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dns.sh"
. "$(dirname "$0")/world/world.sh"
. "$(dirname "$0")/world/service.sh"
world_need
export RP_LOG=debug

service_open
world_nat ann london
world_host bob dublin
world_host dub1 dublin
world_host ns -
service_switch dub1
world_start
service_dns ns
service_user ann bob
service_start dub1
service_answer bob bob --echo --once --json "$T/bob.json"

# outer COMMAND...: at ann's NAT.
outer() {
	world_exec ann-nat "$@"
}
# Its mappings of UDP are for a second, in which none goes through.
forget() {
	outer sysctl -qw net.netfilter.nf_conntrack_udp_timeout=1 \
	    net.netfilter.nf_conntrack_udp_timeout_stream=1
	# One more packet takes the new time.
	media_mark "$T/dub1.control"
	wait_for 5 media_grows 5 "$T/dub1.control"
	outer nft -f - <<-'END'
		table ip forgetful {
			chain before {
				type filter hook prerouting priority raw;
				meta l4proto udp drop
			}
		}
	END
	# What is on its way comes still, to no more than half a second of it.
	media_mark "$T/dub1.control"
	never 1.2 media_grows 25 "$T/dub1.control" ||
	    fail "nothing goes through"
	outer nft delete table ip forgetful
}

# shellcheck disable=SC2046
start ann $(world_in ann) rp-dial --account "$T/ann.conf" --duration 120 \
    --json "$T/ann.json" bob
check "they talk" wait_for 15 media_is ".rtp_packets > 50" "$T/dub1.control"
forget
check "ann has a new way" wait_for 8 grep -q media_moved "$T/ann.err"
media_mark "$T/dub1.control"
wait_for 10 media_grows 50 "$T/dub1.control" || fail "both speak again"
stop ann INT
is $? 0 "and the call completes" || tail -n 20 "$T/ann.err"
join bob
is $? 0 "for both"
grep -q signalling_broken "$T/ann.err"
is $? 1 "by signalling that stood all the time"
silence=$(jq .media.silent_ms "$T/ann.json" "$T/bob.json" | xargs)
is "$(jq '.media.silent_ms > 1500' "$T/ann.json" \
    "$T/bob.json" | xargs)" "true true" "a silence of seconds: $silence"
finish
