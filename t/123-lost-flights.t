#!/bin/sh
# One packet of media that is lost while a call is set up costs one round trip at
# most, whichever it is. Ann calls bob, with 100 ms between each of them and the
# switch, and each time another packet is lost, once. A timer of a second would cost
# more, because other packets come meanwhile, and one that is sent again counts as
# waiting for them. The test counts flights as t/122 does. t/bench/roundtrips loses
# packets at random.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dns.sh"
. "$(dirname "$0")/world/world.sh"
. "$(dirname "$0")/world/service.sh"
. "$(dirname "$0")/world/capture.sh"
. "$(dirname "$0")/world/weather.sh"
. "$(dirname "$0")/world/trips.sh"

trips_open
ann=$(world_addr ann)
bob=$(world_addr bob)
# A Send indication to the relay has what a party says to the other.
says="udp dport 3478 @th,64,16 0x0016 meta length"

# lost MOST NAME MATCH: bob is heard after so many round trips at most, although
# the first packet that comes to the switch and that nftables' MATCH fits is lost.
# A busy machine may take longer, but not each of five times.
lost() {
	fewest=
	for _ in 1 2 3 4 5; do
		weather_lose sw "$3"
		trips_first
		gone=$(weather_lost sw)
		[ "$trips_status$gone" = 01 ] || break
		fewest=$(printf '%s\n' "$fewest" "$(trips audio)" | sort -n |
		    grep '^[0-9]' | head -n 1)
		! awk "BEGIN { exit !(${fewest:-99} <= $1) }" || break
	done
	is "$trips_status $gone" "0 1" "$2 is lost, and the call completes" ||
	    return
	check "bob is heard after $fewest round trips" \
	    awk "BEGIN { exit !(${fewest:-99} <= $1) }"
}
# The flights of DTLS are told by their lengths.
lost 7 "her Allocate" "ip saddr $ann udp dport 3478 @th,64,16 0x0003"
lost 7 "his Allocate" "ip saddr $bob udp dport 3478 @th,64,16 0x0003"
lost 7 "his check" "ip saddr $bob $says 100-190"
lost 7 "his ClientHello" "ip saddr $bob $says 200-400"
lost 7 "her ServerHello" "ip saddr $ann $says 400-1500"
lost 7 "his Finished" "ip saddr $bob $says 500-1500"
finish
