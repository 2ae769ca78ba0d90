#!/bin/sh
# A second call to the same switch saves a round trip: the TLS session is
# resumed and INITIATE goes with its ClientHello, so that the push leaves two
# round trips after the first SYN, not three. What the switch does not take, since
# it was started anew or is told not to, is said again when TLS stands, and
# nobody is trusted by a ticket who was not trusted when it came.
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

# dial NAME: ann calls bob; what passes her and the switch is in *.packets.
dial() {
	capture ann
	capture sw
	check "$1 call" world_exec ann rp-dial --account "$T/ann.conf" \
	    --duration 1 --json "$T/$1.json" bob
	capture_stop ann
	capture_stop sw
}
# trips: from the first SYN to the push, in round trips; a busy machine may add some
# tens of milliseconds, and one trip more would be a hundred.
trips() {
	sw=$(world_addr sw)
	syn=$(awk '$2 == "tcp" && $6 == 31337 && $7 == 2 {
		print $1; exit }' "$T/ann.packets")
	awk -v syn="$syn" -v s="$sw" -v b="$(world_addr bob)" '$2 == "tcp" &&
		$3 == s && $5 == b && $4 != 31337 && $4 != 31338 &&
		($7 == 2 || ($8 > 0 && $9 ~ /^504f5354/)) {
			printf "%.2f\n", ($1 - syn) / 0.1; exit
		}' "$T/sw.packets"
}
# said NAME: was a session resumed, and INITIATE early in it?
said() {
	jq -c '[.switch.resumed, .switch.early]' "$T/$1.json"
}
dial first
is "$(said first)" "[false,false]" "which has nothing to resume"
first=$(trips)
is "$(echo "$first" | awk '{ print ($1 >= 2.4 && $1 < 3.4) }')" 1 \
    "its push leaves after two and a half round trips ($first)"
is "$(stat -c %a "$T/ann.tickets")" 600 "the ticket is nobody else's"
dial second
is "$(said second)" "[true,true]" "which resumes and is early"
second=$(trips)
is "$(echo "$second $first" | awk '{ print ($1 < 2.4 && $2 - $1 > 0.5) }')" 1 \
    "its push leaves a round trip earlier ($second)"
dial third
is "$(said third)" "[true,true]" "and so is the next"

# Ann gives up at her deadline, since no ServerHello gets through; but the switch
# has heard her, and rings.
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
echo 'metrics: { listen = "127.0.0.1:0"; };' >>"$T/sw.conf"
stop sw
rm "$T/sw.ready"
# shellcheck disable=SC2046
start sw $(world_in sw) rp-switchd -c "$T/sw.conf" --ready-file "$T/sw.ready"
wait_for 20 test -s "$T/sw.ready"
dial unready
dial later
is "$(said later)" "[true,false]" "and one that takes none resumes"
later=$(trips)
is "$(echo "$later" | awk '{ print ($1 >= 2.4 && $1 < 3.4) }')" 1 \
    "and is not asked early ($later)"

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
