# Sourced after lib.sh by scenarios that need a simulated world. Its hosts are
# in cities, each a network namespace of the test's own, with the delay of the
# distance between them (t/world/hub.c). NAT and a geographic DNS are optional.
#
#	world_need
#	world_host ann capetown
#	world_nat bob dublin
#	world_start
#	world_exec ann COMMAND...	start NAME $(world_in ann) COMMAND...
#
# City N of t/world/cities owns 5.N.0.0/16 and 2a05:N::/32. Its host H (counted
# over the whole world) owns 5.N.H.0/24 and 2a05:N:H::/48 of them. These
# addresses look public, because the programs treat others differently.

world_cities=${world_cities:-$RP_SRC/t/world/cities}
world_hub=$RP_BUILD/t/world/hub
world_n=0
world_hosts=
world_plan=$T/world.plan
: >"$world_plan"

# Skip the scenario where this machine cannot make a world.
world_need() {
	[ "$(id -u)" = 0 ] || skip_all "a world of namespaces needs root"
	[ -c /dev/net/tun ] || skip_all "no /dev/net/tun"
	for world_tool in ip nft; do
		command -v $world_tool >/dev/null ||
		    skip_all "no $world_tool"
	done
	[ -x "$world_hub" ] || skip_all "t/world/hub is not built"
	at_end world_end
	ip netns add "rp$$-probe" 2>/dev/null ||
	    skip_all "network namespaces cannot be made here"
	ip netns exec "rp$$-probe" true 2>/dev/null
	world_probe=$?
	ip netns del "rp$$-probe"
	[ $world_probe -eq 0 ] ||
	    skip_all "nothing can be run in a network namespace here"
}

world_end() {
	for world_name in $world_hosts; do
		ip netns del "$(world_ns "$world_name")" 2>/dev/null
		rm -rf "/etc/netns/$(world_ns "$world_name")"
	done
	rmdir /etc/netns 2>/dev/null
	return 0
}

world_ns() {
	echo "rp$$-$1"
}

# The command that runs another in a host: `start NAME $(world_in HOST) ...`.
world_in() {
	echo "ip netns exec rp$$-$1"
}

# world_roam HOST: its IPv4 address is another one from now on, its second.
# Connections over IPv6 stand.
world_roam() {
	ip -n "$(world_ns "$1")" -batch - <<-END
		addr add $(world_addr "$1" 2)/32 dev wan0
		addr del $(world_addr "$1")/32 dev wan0
	END
	ip -n "$(world_ns "$1")" route replace default dev wan0
}

world_exec() {
	world_name=$1
	shift
	ip netns exec "rp$$-$world_name" "$@"
}

# "NUMBER LAT LON REGION" of a city; fails where there is none of that name.
world_city() {
	awk -v city="$1" '!/^#/ && NF >= 3 { n++ }
		$1 == city { print n, $2, $3, $4; found = 1 }
		END { exit !found }' "$world_cities"
}

# world_host NAME CITY: a host with public addresses. CITY "-": near everybody
# (an anycast name server), in 5.0.0.0/16.
world_host() {
	world_n=$((world_n + 1))
	world_hosts="$world_hosts $1"
	if [ "$2" = - ]; then
		set -- "$1" 0 - -
	else
		world_found=$(world_city "$2") ||
		    give_up "there is a city $2"
		# shellcheck disable=SC2086
		set -- "$1" $world_found
	fi
	ip netns add "$(world_ns "$1")"
	echo "5.$2.$world_n" >"$T/world.$1"
	echo "2a05:$2:$world_n" >"$T/world6.$1"
	echo "host $1 $(world_ns "$1") $3 $4 5.$2.$world_n.0/24" \
	    "2a05:$2:$world_n::/48" >>"$world_plan"
}

# The host's first address; world_addr HOST N: its Nth (world_more).
world_addr() {
	echo "$(cat "$T/world.$1").${2:-1}"
}

world_addr6() {
	echo "$(cat "$T/world6.$1")::${2:-1}"
}

# world_nat NAME CITY: a host 10.50.0.2 behind a symmetric NAT, NAME-nat, that
# maps each destination to another port.
world_nat() {
	world_host "$1-nat" "$2"
	ip netns add "$(world_ns "$1")"
	world_hosts="$world_hosts $1"
	world_outer=$(world_ns "$1-nat")
	ip -n "$world_outer" link add lan0 type veth peer name eth0 \
	    netns "$(world_ns "$1")"
	ip -n "$world_outer" addr add 10.50.0.1/24 dev lan0
	ip -n "$world_outer" link set lan0 up
	ip -n "$(world_ns "$1")" -batch - <<-END
		link set lo up
		addr add 10.50.0.2/24 dev eth0
		link set eth0 up
		route add default via 10.50.0.1
	END
	ip netns exec "$world_outer" sysctl -qw net.ipv4.ip_forward=1
	ip netns exec "$world_outer" nft -f - <<-'END'
		table ip nat {
			chain in {
				type nat hook prerouting priority dstnat;
			}
			chain out {
				type nat hook postrouting priority srcnat;
				oifname "wan0" ip saddr 10.50.0.0/24 masquerade random,fully-random
			}
		}
	END
}

# world_forward NAME PORT: TCP to that port of the NAT reaches its host.
world_forward() {
	ip netns exec "$(world_ns "$1-nat")" nft add rule ip nat in \
	    iifname wan0 tcp dport "$2" dnat to 10.50.0.2
}

# world_more HOST N: give it the addresses that world_addr HOST N names.
world_more() {
	ip -n "$(world_ns "$1")" addr add "$(world_addr "$1" "$2")/32" dev wan0
	ip -n "$(world_ns "$1")" addr add "$(world_addr6 "$1" "$2")/128" \
	    dev wan0 nodad
}

# world_link HOST up|down: down is a black hole, not an error.
world_link() {
	ip -n "$(world_ns "$1")" link set wan0 "$2"
	[ "$2" = up ] || return 0
	ip -n "$(world_ns "$1")" route add default dev wan0
	ip -n "$(world_ns "$1")" route add ::/0 dev wan0
	ip -n "$(world_ns "$1")" addr replace "$(world_addr6 "$1")/128" \
	    dev wan0 nodad
}

# Begin: after this hosts reach each other. More hosts cannot be added.
world_start() {
	start hub "$world_hub" "$world_plan" "$T/world.ready"
	wait_for 10 test -s "$T/world.ready" ||
	    give_up "the hub starts" "$T/hub.err"
	for world_name in $world_hosts; do
		[ -f "$T/world.$world_name" ] || continue
		ip -n "$(world_ns "$world_name")" -batch - <<-END
			link set lo up
			link set wan0 up
			addr add $(world_addr "$world_name")/32 dev wan0
			addr add $(world_addr6 "$world_name")/128 dev wan0 nodad
			route add default dev wan0
			route add ::/0 dev wan0
		END
	done
}

# world_set "loss 2" ["jitter 5" ...]: lines added to the plan (t/world/plan.h),
# at once if the world runs; the last of a kind counts.
world_set() {
	for world_line; do
		echo "$world_line" >>"$world_plan"
	done
	[ ! -s "$T/hub.pid" ] || kill -HUP "$(cat "$T/hub.pid")"
}

# world_rtts: "NAME NAME MS" of each two hosts, as the plan has it.
world_rtts() {
	"$world_hub" "$world_plan"
}

# world_dns HOST ADDRESS...: the host asks these name servers.
world_dns() {
	world_resolv=/etc/netns/$(world_ns "$1")
	mkdir -p "$world_resolv"
	shift
	{
		printf 'nameserver %s\n' "$@"
		echo 'options timeout:1'
	} >"$world_resolv/resolv.conf"
}
