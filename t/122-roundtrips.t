#!/bin/sh
# While a call is set up, no message waits for one that it does not need, with
# 100 ms between each party and the switch. The push leaves when the caller's
# third flight (TCP, TLS 1.3, INITIATE) has arrived. The callee sends audio
# before the switch has answered its ANSWER. The test checks the order of
# packets on the wire; t/bench/roundtrips has the times.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dns.sh"
. "$(dirname "$0")/world/world.sh"
. "$(dirname "$0")/world/service.sh"
. "$(dirname "$0")/world/capture.sh"
world_need
capture_need

service_open
world_host ann dublin
world_host bob dublin
world_host sw london
world_host dns -
world_set "rtt ann sw 100" "rtt bob sw 100" "rtt ann bob 100"
service_switch sw
world_start
service_dns dns
service_user ann bob
service_start sw
# Either family is as near as the other; one is enough to look at.
for host in ann bob; do
	world_exec $host sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done

# call: ann calls bob, without a ticket of an earlier call.
call() {
	rm -f "$T/ann.tickets"
	service_answer bob bob --once --ring 2 --json "$T/bob.json"
	capture bob
	capture sw
	world_exec ann rp-dial --account "$T/ann.conf" --duration 1 \
	    --json "$T/ann.json" bob >"$T/ann.said" 2>&1
	status=$?
	join bob
	capture_stop bob
	capture_stop sw
}
# heard_between: how often bob heard from the switch, after the last that he
# sent on its answer port (ANSWER) and before his first RTP left.
heard_between() {
	spoken=$(capture_rtp bob bob sw)
	awk -v t="${spoken:-0}" '$1 + 0 >= t + 0 { exit }
		$2 == "tcp" && $8 > 0 && $6 == 31338 { n = 0; sent = 1 }
		$2 == "tcp" && $8 > 0 && $4 == 31338 { n++ }
		END { print sent ? n + 0 : "nothing sent" }' "$T/bob.packets"
}

# A busy machine may take longer over something than the network over a round
# trip, but not each of five times.
flights=0
heard=?
for i in 1 2 3 4 5; do
	call
	[ $status -eq 0 ] || break
	now=$(capture_flights sw ann bob)
	[ "$now" != 3 ] || flights=3
	now=$(heard_between)
	[ "$now" != 0 ] || heard=0
	[ $flights$heard != 30 ] || break
done
is "$status$(cat "$T/ann.said")" 0 "a call between two cities completes"
is "$flights" 3 "its push needs three flights of the caller's"
is "$heard" 0 "audio leaves before the switch has answered ANSWER"
echo "# call $i: $(jq -c .timing_ms "$T/ann.json")"
finish
