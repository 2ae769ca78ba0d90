#!/bin/sh
# The whole service in bad weather. Of all packets two in a hundred are lost each
# way, and the rest are up to 5 ms late. The caller's network has no IPv6 and the
# callee's has no IPv4. The callee is woken and each hears the other; the nearest
# switch wins; and calls go on while each switch is drained and started again.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dns.sh"
. "$(dirname "$0")/heard.sh"
. "$(dirname "$0")/world/world.sh"
. "$(dirname "$0")/world/service.sh"
. "$(dirname "$0")/world/weather.sh"
world_need
command -v espeak-ng >/dev/null || skip_all "needs espeak-ng"
PATH=$RP_BUILD/t/tools:$PATH

service_open
service_six=yes
world_host ann london
world_host bob frankfurt
world_host both london
switches="sw1 sw2 sw3"
world_host sw1 dublin
world_host sw2 ashburn
world_host sw3 capetown
world_host ns -
for switch in $switches; do
	service_switch $switch ireland
done
world_start
service_dns ns
service_user ann bob both
for switch in $switches; do
	service_start $switch
done
weather_four ann
weather_six bob
weather 2 5

espeak-ng -v en -w "$T/ann.wav" "The birch canoe slid on the smooth planks."
espeak-ng -v de -w "$T/bob.wav" "Zwei Leute wollen jetzt miteinander reden."

# The story, between two networks that have no family in common.
bob() {
	rm -f "$T/bob.ready"
	# shellcheck disable=SC2046
	start bob $(world_in bob) rp-dial --account "$T/bob.conf" --answer \
	    --push-listen "[$(world_addr6 bob)]:0" \
	    --ready-file "$T/bob.ready" "$@"
	wait_for 20 test -s "$T/bob.ready" ||
	    give_up "bob can be woken" "$T/bob.err"
}
both_speak() {
	bob --once --in "$T/bob.wav" --out "$T/bob-heard.wav"
	world_exec ann rp-dial --account "$T/ann.conf" --duration 5 \
	    --in "$T/ann.wav" --out "$T/ann-heard.wav" \
	    --json "$T/story.json" bob || return
	join bob
}
check "a call from an IPv4-only network to an IPv6-only one" until_heard \
    "$T/ann.wav $T/bob-heard.wav 0.7 $T/bob.wav $T/ann-heard.wav 0.7" \
    both_speak
check "he hears her" fits "$T/ann.wav" "$T/bob-heard.wav" 0.7
check "and she hears him" fits "$T/bob.wav" "$T/ann-heard.wav" 0.7

# The race. A dial in which the nearest switch's SYN is lost goes elsewhere, as
# it should; that is one in twelve or so.
dials=12
for host in ann both; do
	failed=0
	for i in $(seq $dials); do
		rm -f "$T/$host.addresses"
		world_exec $host rp-dial --probe --account "$T/$host.conf" \
		    --json - 2>>"$T/$host.race" | jq -r .switch.address
	done >"$T/$host.won"
	is "$(grep -c 31337 "$T/$host.won")" $dials \
	    "$host: each dial finds a switch" || cat "$T/$host.race"
	near=$(grep -cF "$(printf '%s:31337\n[%s]:31337' "$(world_addr sw1)" \
	    "$(world_addr6 sw1)")" "$T/$host.won")
	check "$host: the nearest wins most dials ($near of $dials)" \
	    test "$near" -ge $((dials * 2 / 3))
done

# The drain: calls go on while one switch after the other is replaced.
bob --echo
: >"$T/calls"
calls() {
	while [ -d "$T" ] && [ ! -e "$T/replaced" ]; do
		world_exec ann rp-dial --account "$T/ann.conf" --duration 0.5 \
		    --json "$T/last.json" bob 2>"$T/calls.err"
		echo "$? $(jq -r .switch.name "$T/last.json") $(tail -n 1 \
		    "$T/calls.err")" >>"$T/calls"
	done
}
more() {
	[ "$(wc -l <"$T/calls")" -ge "$1" ]
}
# two_more: calls end from now on, of which the second began after this.
two_more() {
	wait_for 60 more $(($(wc -l <"$T/calls") + 2))
}
calls &
caller=$!
for switch in sw1 sw2; do
	two_more
	check "$switch is drained" world_exec $switch rp-drain \
	    --socket "$T/$switch.control" --stop
	join $switch
	is $? 0 "and ends"
	check "calls go on without it" two_more
	rm -f "$T/$switch.ready"
	service_start $switch
done
two_more
: >"$T/replaced"
wait $caller
is "$(grep -v '^[05] ' "$T/calls")" "" "no call failed"
check "and most were answered" test "$(grep -c '^0 ' "$T/calls")" -ge \
    $(($(wc -l <"$T/calls") / 2))
finish
