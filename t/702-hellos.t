#!/bin/sh
# Strangers begin TLS handshakes by an RSA key as fast as they can, on all
# ports, and end none. The switch computes them on threads: its loop goes on,
# with the watchdog, metrics and rp-drain. A call over TURN by TLS loses nothing,
# and a subscriber places another, because a source waits for its own handshakes
# only. Early data is taken as before. Runs in a network namespace of its own.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/flood.sh"
own_network "$0" "$@"
command -v certtool >/dev/null || skip_all "needs certtool"
. "$(dirname "$0")/certs.sh"

make_key rsa --key-type=rsa --bits=2048
make_server rsa 127.0.0.1 tls_www_server "ip_address = 127.0.0.1"
make_subscribers
write_conf "rp-pushsend --dev" 'log = { level = "error"; };'
sed -i 's|^tls = .*|tls = { certificate = "tls/rsa.crt"; key = "tls/rsa.key"; handshake_threads = 2; };|
    s|^relay = .*|relay = { listen = "127.0.0.1:0"; tls_listen = "127.0.0.1:0"; };|' \
    "$T/switch.conf"
start_watched_by -c "$T/switch.conf"
for who in alice bob; do
	sed -i "s|^switch = .*|switch = \"$(address call)\";|
	    s|^ca = .*|ca = \"$T/tls/root.pem\";|" "$T/switch.d/$who.conf"
done
is "$(grep -l '^worker-' /proc/"$(cat "$T/switch.pid")"/task/*/comm | wc -l)" 2 \
    "as many threads as the configuration says"

fed_more() {
	[ "$(fed)" -ge $((fed + 5)) ]
}
# hellos PORT said|answered
hellos() {
	rp_line=$(grep 'refused=[0-9]*$' "$T/$1.out" | tail -n 1)
	rp_line=${rp_line#*"$2="}
	rp_line=${rp_line%% *}
	echo "${rp_line:-0}"
}
answered_more() {
	[ "$(hellos "$1" answered)" -gt "$2" ]
}
waits() {
	[ "$(metric "rp_tls_handshakes_waiting{port=\"$1\"}")" -gt 0 ]
}

command -v nft >/dev/null && nft add table inet way &&
    nft add chain inet way out '{ type filter hook output priority 0; }' &&
    nft add rule inet way out meta l4proto udp drop &&
    nft add rule inet way out tcp dport "$(port "$(address turn_tcp)")" drop ||
    skip_all "needs nftables"
start bob rp-dial --account "$T/switch.d/bob.conf" --answer --echo \
    --at-once 2 --ready-file "$T/bob.ready"
wait_for 10 test -s "$T/bob.ready"
# runs FILTER: is there a session of which that holds?
runs() {
	rp-drain --socket "$T/switch.d/control" --sessions --json |
	    jq -es "any(.[]; $1)"
}
start alice rp-dial --account "$T/switch.d/alice.conf" --duration 6 \
    --json "$T/long.json" bob
check "a call by TLS" wait_for 10 runs \
    'all(.parties[]; .transport == "tls" and .rtp_packets > 20)'
for port in call answer turn_tls; do
	start "$port" "$RP_BUILD/t/tools/hellos" -a "$(address "$port")" \
	    -b 127.9.0.1 -n 24
	check "$port: strangers begin" wait_for 20 answered_more "$port" 20
done
check "they wait for a thread" wait_for 10 waits call
fed=$(fed)
check "the watchdog is fed" wait_for 10 fed_more
is "$(curl -sS --max-time 10 "http://$(address metrics)/metrics" |
    grep -c '^rp_gate_open ')" 1 "metrics are answered"
is "$(timeout 10 rp-drain --socket "$T/switch.d/control" --status --json |
    jq .calls)" 1 "so is rp-drain"
early=$(metric rp_tls_early_total)
timeout 60 rp-dial --account "$T/switch.d/alice.conf" --duration 0.2 bob \
    >"$T/other.out" 2>&1
is $? 0 "alice places another call meanwhile"
is "$(metric rp_tls_early_total)" $((early + 1)) "with early data, as before"
for port in call answer turn_tls; do
	check "$port: strangers still come" wait_for 20 answered_more "$port" \
	    "$(hellos "$port" answered)"
done
join alice
is $? 0 "the call ends as it should"
is "$(jq .media.loss_pct "$T/long.json")" 0 "and has lost nothing: \
$(jq -c '.media | [.loss_pct, .mos, .jitter_ms]' "$T/long.json")"
for port in call answer turn_tls; do
	stop "$port"
done
stop bob

# A stop, or a reload, amid handshakes.
for port in call turn_tls; do
	start "$port" "$RP_BUILD/t/tools/hellos" -a "$(address "$port")" -n 24
	wait_for 20 answered_more "$port" 20
done
is "$(rp-drain --socket "$T/switch.d/control" --reload 2>&1)" "" \
    "it reloads its certificates meanwhile"
check "and goes on with new ones" wait_for 20 answered_more call \
    "$(hellos call answered)"
kill "$(cat "$T/switch.pid")"
join switch
is $? 0 "and it stops in the middle of all that"
finish
