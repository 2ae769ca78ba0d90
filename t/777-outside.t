#!/bin/sh
# Two parties in Chromium tell each other of an address outside, and of the hosts
# of the relay and of the browser. With relay.peers = "clients" they meet, and
# nothing is sent to any of these. With relay.allowed_peers the one that it names
# hears them, and with "any" both do. Hundreds of allocations of "clients" need no
# socket, and no port that a firewall would have to open.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/browser.sh"
browser_need "$0" "$@"
. "$(dirname "$0")/hosts.sh"
. "$(dirname "$0")/pairs.sh"
. "$(dirname "$0")/turn.sh"
command -v nft >/dev/null && nft list tables >/dev/null 2>&1 ||
    skip_all "needs nftables"

# The world, which is heard at two public addresses.
host world 193.0.0.9
on world ip address add 193.0.0.10/24 dev eth0
on world ip route add 10.77.0.0/24 dev eth0

# relay NAME ADDRESS OPTION...: a relay on a host of its own.
relay() {
	rp_relay=$1
	rp_address=$2
	shift 2
	host "$rp_relay-host" "$rp_address"
	on "$rp_relay-host" ip route add 193.0.0.0/24 dev eth0
	start_at "$rp_relay-host" "$rp_relay" "$RP_BUILD/t/tools/turnd" \
	    -s "$TURN_SECRET" -l "$rp_address:0" -m 127.0.0.1:0 \
	    -f "$T/$rp_relay.ready" "$@"
	wait_for 10 test -s "$T/$rp_relay.ready" ||
	    give_up "turnd starts" "$T/$rp_relay.err"
}
# For counter.
curl() {
	on "$asked-host" curl "$@"
}
relays="clients walled allowed any"
relay clients 10.77.0.11 -P clients
relay walled 10.77.0.12 -P clients
relay allowed 10.77.0.13 -P clients -a 193.0.0.9/32
relay any 10.77.0.14 -P any
only_ports walled-host "$(port "$(ready "$T/walled.ready" turn)")" 1

# What comes from each relay, by its address and the world's.
{
	echo "table ip heard { chain in { type filter hook input priority 0;"
	for from in 11 12 13 14; do
		for to in 9 10; do
			echo "ip saddr 10.77.0.$from ip daddr 193.0.0.$to" \
			    "counter comment \"$from $to\""
		done
	done
	printf "}\n}\n"
} | on world nft -f -
# heard FROM TO: how many packets, by the last parts of their addresses.
heard() {
	on world nft list chain ip heard in |
	    sed -n "s/.*counter packets \([0-9]*\) .*\"$1 $2\".*/\1/p"
}

# candidates ADDRESS...: as a peer would tell of them.
candidates() {
	printf '%s\n' "$@" | jq -Rnc '[inputs | "candidate:7 1 udp 2130706431 " +
	    . + " 7777 typ host"]'
}
for relay in $relays; do
	url=turn:$(ready "$T/$relay.ready" turn)?transport=udp
	alice=$(username alice a)
	bob=$(username bob b)
	pair cells $relay "$(servers "$url" "$alice" "$(password "$alice")")" \
	    "$(servers "$url" "$bob" "$(password "$bob")")" \
	    "{until: \"heard\", also: $(candidates 193.0.0.9 193.0.0.10 10.77.0.2 \
	    10.77.0.11 10.77.0.12 10.77.0.13 10.77.0.14 127.0.0.1)}"
done
pairs_meet cells 2>"$T/browser.err" &
page=$!
# The others were told in the same moment.
all_heard() {
	[ "$(heard 13 9)" -gt 5 ] && [ "$(heard 14 9)" -gt 5 ] &&
	    [ "$(heard 14 10)" -gt 5 ]
}
check "what may be reached outside hears the browser's checks" \
    wait_for 20 all_heard
: >"$T/heard"
wait $page
is $? 0 "and with each of the relays the two have met"
for relay in $relays; do
	is "$(pair_has cells $relay '[.a.path, .b.path] | unique[]')" \
	    "relay/relay udp" "through the relay: $relay"
done
is "$(heard 13 10)" 0 "an address that is not allowed hears nothing"
is "$(heard 11 9) $(heard 11 10)" "0 0" \
    "with clients nobody outside hears anything"
is "$(passed walled-host others)" 0 "and its host sends nothing else at all"
check "but by the one port" test "$(passed walled-host ours)" -gt 100

asked=clients
check "where the browser did ask, and was refused" \
    test "$(counter clients 'rp_turn_errors_total{code="403"}')" -ge 2

# Hundreds of allocations, through the same firewall. relayload ends, and leaves
# them behind.
ip route add local 10.99.0.0/16 dev lo
# sockets RELAY: how many it has.
sockets() {
	on "$1-host" ss -Hlunap | grep -c "pid=$(cat "$T/$1.pid"),"
}
# crowd RELAY: 500 allocations of 50 users, who talk for a second. How many sockets
# they took is in $took.
crowd() {
	on "$1-host" ip route add 10.99.0.0/16 via 10.77.0.2
	took=$(sockets "$1")
	"$RP_BUILD/t/bench/relayload" -c 250 -u 50 -n 10.99.0.0 -d 1 -S \
	    -s "$TURN_SECRET" -P "$(cat "$T/$1.pid")" \
	    "$(ready "$T/$1.ready" turn)" >"$T/load.out" 2>"$T/load.err"
	rp_status=$?
	took=$(($(sockets "$1") - took))
	asked=$1
	return $rp_status
}
check "500 allocations under 50 user names" crowd walled
check "are there" test "$(counter walled rp_relay_allocations)" -ge 500
like "$(cat "$T/load.out")" " received=[1-9]" "and hear each other"
is "$took" 0 "without a socket of their own"
is "$(passed walled-host others)" 0 "or any packet by another port"
check "as many with any" crowd any
check "have a socket each" test "$took" -ge 500
finish
