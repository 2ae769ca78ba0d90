#!/bin/sh
# A browser's calls go through the relay and through nothing else: two peer
# connections of headless Chromium with iceTransportPolicy "relay" exchange
# audio both ways and a data channel, and again on new candidates after an ICE
# restart in mid-call. Runs in a network namespace of its own.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/turn.sh"
chromium=${CHROMIUM:-/usr/bin/chromium}
[ -x "$chromium" ] || skip_all "needs Chromium"
command -v node >/dev/null || skip_all "needs Node.js"

if [ -z "${RP_NETNS:-}" ]; then
	if [ "$(id -u)" = 0 ]; then
		unshare="unshare -n"
	else
		unshare="unshare -rn"
	fi
	$unshare true 2>/dev/null || skip_all "needs network namespaces"
	rm -rf "$T"
	RP_NETNS=1 exec $unshare "$0" "$@"
fi
# Chromium looks for candidates on interfaces with a route to the world.
ip link set lo up
ip link add up0 type veth peer name up1 || skip_all "needs veth"
ip link set up1 up
ip address add 10.77.0.1/24 dev up0
ip address add 10.77.0.2/24 dev up0
ip link set up0 up
ip route add default via 10.77.0.254

encoded() {
	printf %s "$1" | jq -sRr @uri
}

# browse URLS CALL: what the page says.
browse() {
	rp_a=$(username "$2" a)
	rp_b=$(username "$2" b)
	CHROMIUM=$chromium node "$RP_SRC/t/tools/browser.js" \
	    "$RP_SRC/t/tools/relay.html" "urls=$1&user=$rp_a&user2=$rp_b$(
	    )&pass=$(encoded "$(password "$rp_a")")$(
	    )&pass2=$(encoded "$(password "$rp_b")")"
}

start_turnd relay -l 10.77.0.2:0 -q 16 -k 160
turn=$(ready "$T/relay.ready" turn)
result=$(browse "turn:$turn?transport=udp" udp)
is "$(echo "$result" | jq .ok)" true "audio, data and an ICE restart: $result"
is "$(echo "$result" | jq -r '[.pairs[], .restarted[]] |
    map(startswith("relay/relay udp 10.77.0.2:")) | all')" true \
    "relayed to relayed, on both sides, before and after"
is "$(echo "$result" | jq -c .failures)" "[]" "no candidate failed"
is "$(counter relay 'rp_turn_errors_total{code="401"}')" \
    "$(counter relay 'rp_turn_requests_total{method="allocate"}')" \
    "one 401 an allocation"
is "$(counter relay 'rp_turn_errors_total{code="437"}')" 0 "and no mismatch"
finish
