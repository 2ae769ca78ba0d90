#!/bin/sh
# The relay leads to nobody inside. Every address that a relay was ever talked
# into reaching is tried, in each of its forms, by CreatePermission, ChannelBind,
# Send and ChannelData: by "any", where each is denied, and by "clients", where
# the whole world is. The host's own ports and a host outside, to which all routes
# lead, count what comes to the port that is tried: nothing. Then one address is
# allowed, and it is the only one that is heard.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/turn.sh"
command -v nft >/dev/null || skip_all "needs nftables"
own_network "$0" "$@"
. "$(dirname "$0")/signal.sh"

start world unshare -n sleep 600
in_world() {
	nsenter -t "$(cat "$T/world.pid")" -n "$@"
}
apart() {
	[ "$(readlink "/proc/$(cat "$T/world.pid")/ns/net")" != \
	    "$(readlink /proc/self/ns/net)" ]
}
wait_for 5 apart || skip_all "needs network namespaces"
ip link add near type veth peer name far netns "$(cat "$T/world.pid")" ||
    skip_all "needs virtual networks"
six=
[ ! -d /proc/sys/net/ipv6 ] || six=yes
mac=02:00:00:00:00:02
in_world ip link set far address $mac
ip link set near up
in_world ip link set far up
ip address add 203.0.113.1/24 dev near
in_world ip address add 203.0.113.2/24 dev far
# Whoever is not found here is looked for there, by way of no question.
ip neighbour add 203.0.113.2 lladdr $mac dev near
ip route add default via 203.0.113.2
if [ -n "$six" ]; then
	ip address add 2001:db8:3::1/64 dev near nodad
	in_world ip address add 2001:db8:3::2/64 dev far nodad
	ip neighbour add 2001:db8:3::2 lladdr $mac dev near
	ip -6 route add default via 2001:db8:3::2
fi

# The port that is tried, counted at this host and at the other.
tried=7777
listen='table inet heard {
	counter port { }
	chain in {
		type filter hook prerouting priority -300
		meta l4proto { udp, tcp } th dport 7777 counter name port
	}
}'
nft "$listen" 2>/dev/null || skip_all "needs nftables in a network namespace"
in_world nft "$listen"
# heard: how many packets came to the port, here and there.
count() {
	"$@" nft list counter inet heard port | sed -n 's/.*packets \([0-9]*\).*/\1/p'
}
heard() {
	echo "$(count env) $(count in_world)"
}

# What is inside: loopback, this network, private, shared, link-local with the
# metadata service, reserved, benchmark, documentation, multicast, broadcast.
inside4="127.0.0.1 127.0.0.53 127.255.255.255 0.0.0.0 0.1.2.3 10.0.0.1
10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 192.168.255.255 100.64.0.1
169.254.169.254 169.254.0.1 192.0.0.1 192.0.2.1 198.18.0.1 198.51.100.1
224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255"
# And as IPv6, also these mapped, compatible, translated (NAT64 with the known and
# the local prefix), by 6to4 and Teredo.
inside6=":: ::1 fe80::1 febf::1 fec0::1 fc00::1 fd00:ec2::254 fdff::1 ff02::1
ff0e::1 ::ffff:127.0.0.1 ::ffff:0.0.0.0 ::ffff:10.0.0.1 ::ffff:169.254.169.254
::ffff:8.8.8.8 ::127.0.0.1 ::10.0.0.1 ::ffff:0:10.0.0.1 64:ff9b::127.0.0.1
64:ff9b::10.0.0.1 64:ff9b::169.254.169.254 64:ff9b:1::1
64:ff9b:1:ffff::10.0.0.1 2002:7f00:1::1 2002:a00:1::1 2002:a9fe:a9fe::1
2002:c0a8:101::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:db8::1
100::1 5f00::1 ffff::1"
# The relay itself, by its address and by ways around to it.
own4=203.0.113.1
own6="2001:db8:3::1 64:ff9b::203.0.113.1 2002:cb00:7101::1"
outside4="203.0.113.2 8.8.8.8"
outside6="2001:db8:3::2 2606:4700::1 64:ff9b::8.8.8.8"
[ -n "$six" ] || inside6='' own6='' outside6=''

TURN_SECRET=north-by-north-west
make_subscribers
relay() {
	write_conf "" 'drain_ms = 0;'
	sed -i "s|^relay = .*|relay = { listen = [ \"203.0.113.1:0\"${six:+, \
\"[2001:db8:3::1]:0\"} ]; $1 secret = \"$TURN_SECRET\"; allocates = 0; };|" \
	    "$T/switch.conf"
	start_configured
}
# walk FAMILY ADDRESS...: an allocation tries them all; a line for each with what
# CreatePermission and ChannelBind were answered. Send and ChannelData follow,
# whatever that was.
walk() {
	rp_family=$1
	shift
	rp_user=$(($(date +%s) + 600)):walker$rp_family
	{
		echo "open w $(address turn | head -n 1) $rp_user" \
		    "$(password "$rp_user")"
		echo "w allocate ${rp_family#4}"
		rp_number=0
		for rp_address; do
			rp_peer=$rp_address:$tried
			[ "$rp_family" = 4 ] || rp_peer="[$rp_address]:$tried"
			rp_channel=$((0x4000 + rp_number % 32))
			cat <<-END
				w permit $rp_peer
				w bind $rp_channel $rp_peer
				w send $rp_peer 10 2
				w data $rp_channel 10 2
			END
			rp_number=$((rp_number + 1))
		done
		# What was sent before has been handled when this is answered.
		echo "w refresh 0"
	} | "$RP_BUILD/t/tools/turnask" >"$T/walk" 2>"$T/walk.err" ||
	    cat "$T/walk.err"
	grep -q '^w allocate 0 ' "$T/walk" || echo "no allocation"
	grep -q '^w refresh 0' "$T/walk" || echo "no end"
	awk '$2 == "permit" || $2 == "bind" { print $3 }' "$T/walk" | paste -d ' ' - - |
	    for rp_address; do
		read -r rp_codes
		echo "$rp_address $rp_codes"
	done
}
# but CODES: the lines with any other ones.
but() {
	grep -v " $1\$"
}

relay 'peers = "any"; allowed_peers = ( "203.0.113.2/32", "2001:db8:3::2/128" );'
# shellcheck disable=SC2086
is "$(walk 4 $inside4 | but "403 403")" "" "any denies each inner IPv4 address"
# shellcheck disable=SC2086
is "$(walk 4 $own4 | but "0 0")" "" "it permits its own, where clients meet"
if [ -n "$six" ]; then
	# shellcheck disable=SC2086
	is "$(walk 6 $inside6 | but "403 403")" "" \
	    "any denies each inner IPv6 address, in each form"
	# shellcheck disable=SC2086
	is "$(walk 6 ${own6#* } | but "403 403")" "" \
	    "and itself by a way around"
else
	skip "any denies each inner IPv6 address" "there is no IPv6 here"
	skip "and itself by a way around" "there is no IPv6 here"
fi
is "$(heard)" "0 0" "nothing was heard, neither here nor outside"
is "$(walk 4 203.0.113.2)" "203.0.113.2 0 0" "one address is allowed"
check "it is heard there" wait_for 5 eval '[ "$(heard)" = "0 4" ]'
stop switch
in_world nft reset counter inet heard port >/dev/null

relay 'peers = "clients";'
# shellcheck disable=SC2086
is "$(walk 4 $inside4 $outside4 | but "403 403")" "" \
    "clients denies the whole world by IPv4"
# shellcheck disable=SC2086
is "$(walk 4 $own4 | but "0 0")" "" "it permits its own, where clients meet"
if [ -n "$six" ]; then
	# shellcheck disable=SC2086
	is "$(walk 6 $inside6 $outside6 ${own6#* } | but "403 403")" "" \
	    "clients denies the whole world by IPv6"
	# shellcheck disable=SC2086
	is "$(walk 6 ${own6%% *} | but "0 0")" "" "it permits its own"
else
	skip "clients denies the whole world by IPv6" "there is no IPv6 here"
	skip "it permits its own" "there is no IPv6 here"
fi
is "$(heard)" "0 0" "nothing was heard, neither here nor outside"
stop switch

relay 'peers = "clients"; allowed_peers = ( "203.0.113.2/32" );'
# shellcheck disable=SC2086
is "$(walk 4 $inside4 8.8.8.8 | but "403 403")" "" \
    "clients with an allowed peer denies all others"
# shellcheck disable=SC2086
walk 4 $own4 >"$T/own"
is "$(heard)" "0 0" "nothing was heard"
is "$(walk 4 203.0.113.2)" "203.0.113.2 0 0" "the allowed one is permitted"
check "and heard there, alone" wait_for 5 eval '[ "$(heard)" = "0 4" ]'
stop switch
finish
