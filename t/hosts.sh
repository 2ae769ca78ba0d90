# Sourced after lib.sh by scenarios in a network of their own (own_network or
# routed_network) that has other hosts. They are network namespaces, and all of
# them are on one wire, the bridge "lan".
#
#	host NAME ADDRESS	one, with this address of a /24
#	on NAME COMMAND...	there
#	start_at HOST NAME COMMAND...	in the background, as start
#	only_ports HOST UDP TCP...	a firewall there
#	passed HOST COUNTER	what the firewall has counted

# It gets no address of its own, which would come a second or two later. Chromium
# takes that for another network, and breaks off its requests. A kernel may have no
# IPv6.
no_late_address() {
	ip link set "$1" addrgenmode none 2>/dev/null || :
}

# Of routed_network's wire, the far end is on it, too.
host_wire() {
	! ip link show lan >/dev/null 2>&1 || return 0
	ip link add lan type bridge || skip_all "needs a bridge"
	no_late_address lan
	ip link set lan up
	! ip link show up1 >/dev/null 2>&1 || ip link set up1 master lan
}

# host_is_apart NAME
host_is_apart() {
	[ "$(readlink "/proc/$(cat "$T/$1.pid")/ns/net")" != \
	    "$(readlink /proc/self/ns/net)" ]
}

host() {
	host_wire
	start "$1" unshare -n sleep 600
	wait_for 5 host_is_apart "$1" || skip_all "needs network namespaces"
	ip link add "to-$1" master lan type veth peer name eth0 \
	    netns "$(cat "$T/$1.pid")" || skip_all "needs virtual networks"
	no_late_address "to-$1"
	on "$1" ip link set eth0 addrgenmode none 2>/dev/null || :
	ip link set "to-$1" up
	on "$1" ip link set lo up
	on "$1" ip address add "$2/24" dev eth0
	on "$1" ip link set eth0 up
}

on() {
	rp_host=$1
	shift
	nsenter -t "$(cat "$T/$rp_host.pid")" -n "$@"
}

start_at() {
	rp_host=$1
	rp_program=$2
	shift 2
	start "$rp_program" nsenter -t "$(cat "$T/$rp_host.pid")" -n "$@"
}

# Nothing passes the host's interface but these ports, and what it is told of
# datagrams that nobody took. `others` counts what was dropped, and `within`
# datagrams on loopback. What is on loopback passes.
only_ports() {
	rp_host=$1
	rp_udp=$2
	shift 2
	rp_tcp=$(echo "$@" | tr ' ' ,)
	on "$rp_host" nft -f - <<-END
		table ip only {
			counter ours { }
			counter others { }
			counter within { }
			set relayed {
				type inet_service
				flags dynamic
				size 65535
			}
			chain in {
				type filter hook input priority 0; policy drop;
				iif lo udp dport != 53 add @relayed { udp dport } counter name within
				iif lo accept
				icmp type destination-unreachable drop
				udp dport { $rp_udp } counter name ours accept
				tcp dport { $rp_tcp } counter name ours accept
				counter name others
			}
			chain out {
				type filter hook output priority 0; policy drop;
				oif lo accept
				udp sport { $rp_udp } counter name ours accept
				tcp sport { $rp_tcp } counter name ours accept
				counter name others
			}
		}
	END
}

passed() {
	on "$1" nft list counter ip only "$2" |
	    sed -n 's/.*packets \([0-9]*\).*/\1/p'
}
