#!/bin/sh
# A call survives outages: six resets of its signalling connection, also at a
# switch that grants almost no RESUME, and six changes of address. It survives
# seven to 25 seconds without network at either end, once with a relay that has
# no room for another allocation, and once with an interface that is down. After
# a longer outage at either end it is dialled again, also if the callee takes
# one call only. Each time both ends soon hear each other, and the call
# completes.
#
# The requests to the switch are counted: one repair must not cause the next, or
# one faulty call would take the switch's time from all others. Each call has a
# switch of its own, and all run at once.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dns.sh"
. "$(dirname "$0")/world/world.sh"
. "$(dirname "$0")/world/service.sh"
. "$(dirname "$0")/world/outage.sh"
world_need
command -v ss >/dev/null || skip_all "ss is missing"
{ zcat /proc/config.gz || cat "/boot/config-$(uname -r)"; } 2>/dev/null |
    grep -qx CONFIG_INET_DIAG_DESTROY=y ||
    skip_all "this kernel does not let ss break connections"
export RP_LOG=debug

pairs="1 2 3 4 5 6 7 8 9 10"
service_open
# shellcheck disable=SC2086
outage_pairs $pairs
world_host ns -
world_start
service_dns ns
# shellcheck disable=SC2086
outage_open $pairs
# again HOST SED: its switch with another configuration.
again() {
	stop "$1"
	sed -i "$2" "$T/$1.conf"
	rm "$T/$1.ready"
	# shellcheck disable=SC2046
	start "$1" $(world_in "$1") rp-switchd -c "$T/$1.conf" \
	    --ready-file "$T/$1.ready"
	wait_for 20 test -s "$T/$1.ready"
}
check "a switch whose relay has no room" \
    again s5 's/secret = /allocations_per_party = 1; &/'
check "a switch that grants one RESUME in ten seconds" \
    again s7 's/^call: {/& resumes = 1;/'

# resumed HOST TIMES [STATUS]: so often it came back.
resumed() {
	[ "$(grep -c "signalling_resumed.*status=${3:-}" "$T/$1.err")" -ge "$2" ]
}
# Six times, three seconds apart, or as soon as there is a connection to reset.
resets() {
	for i in 1 2 3 4 5 6; do
		wait_for 20 resumed "$1" $((i - 1))
		world_exec "$1" ss -K dport = :31337 or dport = :31338 \
		    >/dev/null 2>&1
		sleep 3
	done
}
roams() {
	from=1
	to=2
	for i in 1 2 3 4 5 6; do
		ip -n "$(world_ns "$1")" -batch - <<-END
			addr add $(world_addr "$1" $to)/32 dev wan0
			addr del $(world_addr "$1" $from)/32 dev wan0
		END
		ip -n "$(world_ns "$1")" route replace default dev wan0
		sleep 3
		from=$to
		to=$((3 - to))
	done
}
hole() {	# HOST SECONDS
	outage_hole "$1"
	sleep "$2"
	outage_heal "$1"
}

down() {	# HOST SECONDS
	outage_unplug "$1"
	sleep "$2"
	outage_plug "$1"
}

for n in $pairs; do
	outage_callee=
	[ "$n" = 6 ] && outage_callee=--once
	check "call $n" outage_call "$n" 120
done
resets a1 &
plans=$!
roams a2 &
plans="$plans $!"
hole a3 7 &
plans="$plans $!"
hole b4 12 &
plans="$plans $!"
hole a5 10 &
plans="$plans $!"
hole a6 32 &
plans="$plans $!"
resets b7 &
plans="$plans $!"
hole b8 32 &
plans="$plans $!"
hole a9 25 &
plans="$plans $!"
down b10 15 &
plans="$plans $!"
# shellcheck disable=SC2086
wait $plans

# ends N WHAT RESUMES INFOS: the two of pair N hear each other, the call
# completes, and their switch was asked no more than that.
ends() {
	check "$2: the caller hears the callee" wait_for 10 outage_arrives "a$1"
	check "$2: the callee hears the caller" wait_for 10 outage_arrives "b$1"
	resumes=$(outage_count "$1" RESUME)
	infos=$(outage_count "$1" INFO)
	[ "${resumes:-$3$3}" -le "$3" ]
	is $? 0 "$2: the switch is asked for RESUME $resumes times, $3 at most"
	[ "${infos:-$4$4}" -le "$4" ]
	is $? 0 "$2: and for INFO $infos times, $4 at most"
	outage_end "$1"
	is "$outage_status" "0 0" "$2: both exit 0"
	is "$(jq -r .end_reason "$T/a$1.json" "$T/b$1.json" | xargs)" \
	    "completed completed" "$2: and say so"
}
# silent N MS WHAT: at neither end for longer.
silent() {
	is "$(jq ".media.silent_ms < $2" "$T/a$1.json" "$T/b$1.json" | xargs)" \
	    "true true" "$3: silence of $(jq .media.silent_ms "$T/a$1.json" \
	    "$T/b$1.json" | xargs) ms, less than $2"
}

check "the caller comes back six times" wait_for 10 resumed a1 6
ends 1 "six resets" 8 9
silent 1 1500 "six resets"
ends 2 "six roams" 8 32
silent 2 4000 "six roams"
ends 3 "7 s, the caller" 6 14
silent 3 10000 "7 s, the caller"
ends 4 "12 s, the callee" 6 14
silent 4 16000 "12 s, the callee"
ends 5 "10 s, no room at the relay" 6 14
silent 5 14000 "10 s, no room at the relay"
is "$(grep -c "signalling_resumed" "$T/a6.err")" 0 \
    "32 s, the caller: after a redial it leaves the first call alone"
ends 6 "32 s, the caller" 6 14
is "$(grep -c "last good answer" "$T/a6.err")" 1 \
    "32 s, the caller: that DNS does not answer is said once" || cat "$T/a6.err"
check "the callee comes back six times" wait_for 10 resumed b7 6
check "and is told to wait" resumed b7 3 429
ends 7 "next to no RESUME" 8 9
silent 7 1500 "next to no RESUME"
ends 8 "32 s, the callee" 6 14
is "$(outage_count 8 INITIATE)" 2 "32 s, the callee: dialled again once"
ends 9 "25 s, the caller" 6 14
ends 10 "15 s, the callee's interface" 6 14
silent 10 19000 "15 s, the callee's interface"
finish
