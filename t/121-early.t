#!/bin/sh
# A second call to the same switch saves a round trip. Its TLS session is
# resumed and INITIATE is sent with the ClientHello, so that the push needs two
# flights from the caller instead of three (t/bench/roundtrips has the times). A
# switch that was restarted, or that is configured so, refuses this early data;
# the client then sends it again after the handshake. A ticket makes nobody
# trusted whose certificate was not trusted when the ticket came.
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
service_user ann bob carol
service_start sw
# A ticket is an address's, and either family is as near as the other.
world_exec ann sysctl -qw net.ipv6.conf.all.disable_ipv6=1
service_answer bob bob --echo
service_answer carol bob --ring 30

# dial NAME [FLIGHTS]: ann calls bob; $flights is how many of hers the push
# needed. Where FLIGHTS are enough she dials again, four times at most, for a
# busy machine may take longer over a push than the network over a flight.
dial() {
	for i in 1 2 3 4 5; do
		capture sw
		world_exec ann rp-dial --account "$T/ann.conf" --duration 1 \
		    --json "$T/$1.json" bob >"$T/$1.said" 2>&1
		status=$?
		capture_stop sw
		flights=$(capture_flights sw ann bob)
		[ $status -eq 0 ] && [ "$flights" != "${2:-$flights}" ] || break
	done
	is "$status$(cat "$T/$1.said")" 0 "$1 call"
}
# said NAME: was a session resumed, and INITIATE early in it?
said() {
	jq -c '[.switch.resumed, .switch.early]' "$T/$1.json"
}
dial first
is "$(said first)" "[false,false]" "which has nothing to resume"
check "its push needs three flights of hers ($flights)" \
    test "$flights" -ge 3
is "$(stat -c %a "$T/ann.tickets")" 600 "the ticket is nobody else's"
dial second 2
is "$(said second)" "[true,true]" "which resumes and is early"
is "$flights" 2 "its push needs two"
dial third 2
is "$(said third)" "[true,true]" "and so is the next"

# Ann gives up once the switch has heard her, because no ServerHello arrives.
ended() {
	grep -c 'event=call_ended.* reason=cancelled' "$T/sw.err"
}
withdrawn() {
	[ "$(ended)" -gt "$before" ]
}
before=$(ended)
world_exec ann nft -f - <<-'END'
	table inet deaf {
		chain in {
			type filter hook input priority 0;
			tcp sport 31337 tcp flags & psh == psh drop
		}
	}
END
world_exec ann rp-dial --account "$T/ann.conf" --duration 1 carol 2>"$T/err"
is $? 2 "a switch that does not answer early data is none"
like "$(cat "$T/err")" "no ServerHello" "as is said"
check "what it began for her is taken back" wait_for 5 withdrawn
stop carol
world_exec ann nft delete table inet deaf

stop sw
rm "$T/sw.ready"
service_start sw
dial restarted
is "$(said restarted)" "[false,false]" "a switch started anew knows no ticket"
sed -i 's/^tls: {/tls: { early_data = false;/' "$T/sw.conf"
stop sw
rm "$T/sw.ready"
# shellcheck disable=SC2046
start sw $(world_in sw) rp-switchd -c "$T/sw.conf" --ready-file "$T/sw.ready"
wait_for 20 test -s "$T/sw.ready"
dial unready
dial later
is "$(said later)" "[true,false]" "and one that takes none resumes"
check "and is not asked early ($flights)" test "$flights" -ge 3

is "$(world_exec sw curl -s "http://$(ready "$T/sw.ready" metrics)/metrics" |
    awk '/^rp_tls_(resumed|early)_total/ { print ($2 > 0) }' | xargs)" "1 0" \
    "as it counts"

# An authority of another name, as ann's now.
openssl_quiet req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -days 30 -subj "/CN=another authority" -keyout "$T/other.key" \
    -out "$T/other.pem"
sed 's/ca.pem/other.pem/' "$T/ann.conf" >"$T/ann2.conf"
world_exec ann rp-dial --account "$T/ann2.conf" --duration 1 bob 2>"$T/err"
is $? 10 "whom we trust no more we trust by no ticket"
finish
