#!/bin/sh
# libnice, the ICE stack of GStreamer and Pidgin, works through a switch's
# relay. Two agents that may use nothing else select a pair of relayed
# candidates and exchange packets both ways. They use the credentials of GET
# /relay, over UDP and over TCP. (libnice's "TLS" mode does not speak TLS.)
. "$(dirname "$0")/lib.sh"
own_network "$0" "$@"
. "$(dirname "$0")/signal.sh"
nicepair=$RP_BUILD/t/tools/nicepair
[ -x "$nicepair" ] || skip_all "needs libnice-dev when configured"

make_subscribers
write_conf "exec $T/pusher $T"
sed -i 's|^relay = .*|relay = { listen = "127.0.0.1:0"; tcp_listen = "127.0.0.1:0"; };|' \
    "$T/switch.conf"
start_configured

# connects NAME TRANSPORT KEY: KEY of the ready file says where.
connects() {
	ask alice GET /relay >/dev/null
	"$nicepair" 127.0.0.1 "$(port "$(address "$3")")" "$2" \
	    "$(jq -r '.iceServers[0].username' "$T/body")" \
	    "$(jq -r '.iceServers[0].credential' "$T/body")" \
	    >"$T/$2.json" 2>"$T/$2.err"
	is "$?" 0 "$1: two agents connect"
	is "$(jq -c '[.a, .b] | map([.pair, .received, .wrong])' \
	    "$T/$2.json")" '[["relay/relay",50,0],["relay/relay",50,0]]' \
	    "$1: by relayed candidates, and all packets come"
	is "$(cat "$T/$2.err")" "" "$1: without complaint"
	check "$1: nothing stays allocated" \
	    wait_for 5 metric_is rp_relay_allocations 0
}
connects UDP udp turn
connects TCP tcp turn_tcp
check "streams carried the latter" test "$(metric rp_relay_streams_total)" -ge 2
is "$(metric 'rp_turn_errors_total{code="437"}') $(metric \
    'rp_turn_errors_total{code="400"}')" "0 0" "and nothing was malformed"
is "$(metric 'rp_relay_trials_total{result="begun"}')" 2 "two trials"
check "the switch ends" stop switch
finish
