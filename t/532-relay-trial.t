#!/bin/sh
# A trial of the relay cannot be used as a free tunnel. When its minute is over
# its allocations are freed, although the client refreshes them and goes on
# sending. It cannot allocate any more.
. "$(dirname "$0")/lib.sh"
own_network "$0" "$@"
. "$(dirname "$0")/signal.sh"
command -v turnutils_uclient >/dev/null || skip_all "needs coturn"

make_subscribers
write_conf "exec $T/pusher $T"
start_configured
begun=$(date +%s)
is "$(ask alice GET /relay)" 200 "credentials for a trial"
user=$(jq -r '.iceServers[0].username' "$T/body")
password=$(jq -r '.iceServers[0].credential' "$T/body")

# client NAME PACKETS: 20 ms apart, from one of its two allocations to the other.
client() {
	start "$1" turnutils_uclient -y -c -n "$2" -m 1 -l 100 -u "$user" \
	    -w "$password" -p "$(port "$(address turn)")" 127.0.0.1
}
client busy 10000
# A minute of wait_for would be a minute of curl.
gone() {
	until metric_is rp_relay_allocations 0; do
		[ $(($(date +%s) - begun)) -lt 110 ] || return 1
		sleep 0.5
	done
}
carries() {
	[ "$(metric rp_relay_packets_total)" -gt "${1:-100}" ]
}
check "allocations that carry packets" wait_for 20 carries
check "are gone before a second minute is over" gone
took=$(($(date +%s) - begun))
check "of a minute: $took s" test "$took" -ge 58
check "in which they carried packets" carries 500
stop busy
client again 1
join again
like "$(cat "$T/again.out")" "Cannot complete Allocation" \
    "the credentials allocate no more"
is "$(ask alice GET /relay)" 200 "but others would"
check "the switch ends" stop switch
finish
