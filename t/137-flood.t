#!/bin/sh
# A switch survives strangers who send as much as they can. Its loop goes on
# turning: the watchdog is fed, the operator is answered and a subscriber gets
# in. A call over TURN by TLS, whose port is flooded too, sounds as before. Runs
# in a network namespace of its own.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/flood.sh"
own_network "$0" "$@"
start_watched

# Each of these has ten seconds or more. A loop that turns needs a hundredth of
# that. One that does not needs the flood to end, and the flood does not.
fed_more() {
	[ "$(fed)" -ge $((fed + 5)) ]
}
logs_in() {
	[ "$(ask alice GET /switches)" = 200 ]
}
goes_on() {
	fed=$(fed)
	check "$1: the watchdog is fed" wait_for 10 fed_more
	is "$(curl -sS --max-time 10 "http://$(address metrics)/metrics" |
	    grep -c '^rp_gate_open ')" 1 "$1: metrics are answered"
	is "$(timeout 10 rp-drain --socket "$T/switch.d/control" --status --json |
	    jq .calls)" 0 "$1: so is rp-drain"
	check "$1: a subscriber gets in" wait_for 20 logs_in
	sent=$(flooded flood sent)
	check "$1: and all the while they went on" \
	    wait_for 10 said flood "$sent"
	stop flood
}

start_flood flood call -n 20 -t "$flood_request"
goes_on "20 connections"
start_flood flood call -n 8 -t "$flood_request"
goes_on "8 connections"
start_flood flood answer -n 8 -f "$flood_upgrade" -x "$flood_ping"
goes_on "WebSocket pings"

command -v nft >/dev/null && nft add table inet way &&
    nft add chain inet way out '{ type filter hook output priority 0; }' || {
	skip "a call" "needs nftables"
	finish
}
nft add rule inet way out meta l4proto udp drop
nft add rule inet way out tcp dport "$(port "$(address turn_tcp)")" drop
# runs FILTER: is there a session of which that holds?
runs() {
	rp-drain --socket "$T/switch.d/control" --sessions --json |
	    jq -es "any(.[]; $1)"
}
start bob rp-dial --account "$T/switch.d/bob.conf" --answer --echo --once \
    --ready-file "$T/bob.ready"
wait_for 10 test -s "$T/bob.ready"
start alice rp-dial --account "$T/switch.d/alice.conf" --duration 4 \
    --json "$T/call.json" bob
check "a call by TLS" wait_for 10 runs \
    'all(.parties[]; .transport == "tls" and .rtp_packets > 20)'
start_flood asks turn_tls -k 20000 -x "$flood_allocate"
start_flood sends turn_tls -k 50000 -x "$flood_data"
join alice
is $? 0 "ends as it should"
sent=$(flooded sends sent)
check "while they went on" wait_for 10 said sends "$sent"
join bob
is "$(jq -c '.media | [.loss_pct, .mos > 3]' "$T/call.json")" '[0,true]' \
    "nothing is lost, and it sounds well: $(jq -c '.media |
    [.loss_pct, .mos, .jitter_ms]' "$T/call.json")"
is "$(($(flooded asks heard) < $(flooded asks sent)))" 1 \
    "who asks gets less than it sends: $(flooded asks heard) of \
$(flooded asks sent)"
check "and is cut off" \
    test "$(metric 'rp_relay_streams_cut_total{reason="rationed"}')" -gt 0
stop asks
stop sends
finish
