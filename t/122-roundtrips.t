#!/bin/sh
# While a call is set up, no message waits for one that it does not need. Ann calls
# bob, who answers at once, with 100 ms between each of them and the switch. The
# test counts the flights that waited for one another in what the three captured.
# t/bench/roundtrips has the times.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dns.sh"
. "$(dirname "$0")/world/world.sh"
. "$(dirname "$0")/world/service.sh"
. "$(dirname "$0")/world/capture.sh"
. "$(dirname "$0")/world/trips.sh"

# The most round trips from ann's first SYN to each step, in a first call and in
# a second, for which both have tickets. See t/tools/trips.pl. An early INITIATE
# is not answered before the client's Finished, so Allocate is no earlier then.
wanted='
connected	1	1	ann is connected
secured		2	1	INITIATE leaves
initiated	2.5	1.5	INITIATE is at the switch
pushed		3	2	the push is with bob
woken		3	2	his first packet leaves
allocated	3.5	3.5	the Allocate of ann is at the switch
permitted	3.5	3.5	her CreatePermission is there
early		3.5	2.5	his DTLS ClientHello is there
hello		4	4	it is with ann
serverhello	5	5	her ServerHello is with bob
reached		4	3	bob is connected
rung		5.5	3.5	RING with his answer is at the switch
offered		6	4	it is with ann
answered	6	5	his ANSWER is with ann
audio		6	6	his audio is with ann
back		7	7	her audio is with bob
'

# steps CALL: of all calls of that kind: a line "STEP FEWEST MOST WHAT" for each.
steps() {
	{
		echo "$wanted"
		cat "$T/$1.all"
	} | awk -v second="$([ "$1" = first ] || echo 1)" '
		NF > 3 {
			order[++n] = $1
			most[$1] = second ? $3 : $2
			sub(/^[^\t]*\t+[^\t]*\t+[^\t]*\t+/, "")
			what[order[n]] = $0
			next
		}
		$2 ~ /^[0-9]/ && (!($1 in got) || $2 < got[$1]) { got[$1] = $2 }
		END {
			for (i = 1; i <= n; i++) {
				s = order[i]
				if (!(s in got))
					got[s] = "never"
				print s, got[s], most[s], what[s]
			}
		}'
}
# late CALL: is any step of it later than is wanted?
late() {
	steps "$1" | awk '$2 == "never" || $2 > $3 { late = 1 }
		END { exit !late }'
}

# A busy machine may take longer over something than the network over a flight,
# but not each of five times.
trips_open
for i in 1 2 3 4 5; do
	trips_first
	[ "$trips_status" -eq 0 ] || break
	cat "$T/trips" >>"$T/first.all"
	trips_again
	[ "$trips_status" -eq 0 ] || break
	cat "$T/trips" >>"$T/second.all"
	late first || late second || break
done
is "$trips_status$(cat "$T/ann.said")" 0 "calls between two cities complete"

for call in first second; do
	steps $call >"$T/steps"
	while read -r _ got most what; do
		check "$call call: $what after $got" \
		    awk "BEGIN { exit !($got + 0 > 0 && $got + 0 <= $most) }"
	done <"$T/steps"
done
echo "# call $i: $(jq -c .timing_ms "$T/ann.json")"
finish
