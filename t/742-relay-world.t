#!/bin/sh
# The relay's process does all that relaying needs from within its sandbox: full
# TURN with sockets to the world, for coturn's client by UDP, TCP and TLS, with
# channels and indications, and calls within it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/turn.sh"
command -v turnutils_uclient >/dev/null || skip_all "needs coturn"
own_network "$0" "$@"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/hosts.sh"

# A host in the world, with coturn's peer.
host world 203.0.113.2
ip address add 203.0.113.1/24 dev lan
start_at world peer turnutils_peer -L 203.0.113.2 -p 3480
listens() {
	on world ss -Hlun "sport = :3480" | grep -q .
}
wait_for 10 listens || give_up "coturn's peer listens" "$T/peer.err"

TURN_SECRET=north-by-north-west
make_subscribers
write_conf "" 'drain_ms = 0;'
sed -i "s|^relay = .*|relay = { listen = \"203.0.113.1:0\"; \
tcp_listen = \"203.0.113.1:0\"; tls_listen = \"203.0.113.1:0\"; \
peers = \"any\"; allowed_peers = [ \"203.0.113.0/24\" ]; \
secret = \"$TURN_SECRET\"; allocates = 0; };|" "$T/switch.conf"
start_configured

# client NAME PORT [OPTION...]: coturn's client, which talks to the peer.
client() {
	rp_user=$(username "$1" a)
	rp_port=$(port "$(address "$2")")
	rp_name=$1
	shift 2
	start "$rp_name" timeout 60 turnutils_uclient -e 203.0.113.2 -r 3480 \
	    -c -n 10 -m 2 -l 171 -u "$rp_user" -w "$(password "$rp_user")" \
	    -p "$rp_port" "$@" 203.0.113.1
}
client udp turn
client indications turn -s
client tcp turn_tcp -t
client tls turn_tls -t -S
for name in udp indications tcp tls; do
	join "$name"
	like "$(cat "$T/$name.out")" "Total lost packets 0 " \
	    "coturn's client reaches the world: $name"
done
check "the counters are the process's" test "$(metric rp_relay_packets_total)" -gt 0
stop switch
is $? 0 "it ends in order"
finish
