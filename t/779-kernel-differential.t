#!/bin/sh
# The relay's program in the kernel does what its user space does. Two relays
# with the same tables see the same packets, random and mutated. One of them has
# the program, by tc and by XDP, which relays or passes up. Both send the same to
# the byte, with right checksums, and have the same statistics and meters.
# RP_KERNELDIFF_N and RP_KERNELDIFF_SEED are for a longer run.
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || skip_all "needs root, for BPF"
own_network "$0" "$@"
tool=$RP_BUILD/t/tools/kerneldiff/kerneldiff
object=$RP_BUILD/t/tools/kerneldiff/relay_bpf.o
[ -x "$tool" ] || skip_all "needs a build with BPF"

# device NAME PEER MAC: a device of the switch, without packets of its own.
device() {
	ip link add "$1" address "$3" type veth peer name "$2"
	ip link set "$1" addrgenmode none
	ip link set "$2" addrgenmode none
	ip link set "$1" up
	ip link set "$2" up
}
# subnet DEVICE BYTE: the switch's addresses there, and clients as neighbours.
subnet() {
	rp_byte=$(printf %d "0x$2")
	ip address add "10.$rp_byte.0.1/24" dev "$1"
	ip address add "fd$2::1/64" dev "$1" nodad
	for rp_last in 10 11 12 13 14 15 16 17; do
		rp_mac=02:00:00:00:$2:$rp_last
		ip neighbour add "10.$rp_byte.0.$(printf %d "0x$rp_last")" \
		    lladdr "$rp_mac" nud permanent dev "$1"
		ip neighbour add "fd$2::$rp_last" lladdr "$rp_mac" \
		    nud permanent dev "$1"
	done
}
# routed BYTE MTU_V4 MTU_V6: a subnet behind the first client beside the switch.
routed() {
	rp_byte=$(printf %d "0x$1")
	ip route add "10.$rp_byte.0.0/24" via 10.119.0.16 mtu lock "$2"
	ip route add "fd$1::/64" via fd77::10 mtu "$3"
}
{
	echo 1 >/proc/sys/net/ipv4/ip_forward &&
	    echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
} 2>/dev/null || skip_all "needs settings of the network namespace"
device kd0 kd0p 02:00:00:01:00:01
device kd1 kd1p 02:00:00:01:00:02
# It stands for a VLAN of kd0. Few kernels lack these, but this test needs just a
# device with kd0's address.
device kd0v kd0vp 02:00:00:01:00:01
subnet kd0 77
subnet kd0v 82
subnet kd1 79
routed 78 1500 1500
routed 81 600 1280

n=${RP_KERNELDIFF_N:-200000}
"$tool" -n "$n" -s "${RP_KERNELDIFF_SEED:-1}" "$object" \
    >"$T/out" 2>"$T/err"
status=$?
[ "$status" = 77 ] && skip_all "needs BPF: $(tail -1 "$T/err")"
sed 's/^/# /' "$T/out"
check "$n packets are the same in the kernel and in user space" \
    sh -c "cat '$T/err'; exit $status"

# number NAME: a sum that it printed.
number() {
	tr ' ' '\n' <"$T/out" | sed -n "s/^$1=//p"
}
for way in tc_v4 tc_v6 xdp_v4 xdp_v6; do
	check "one in thirty of them, and more, is relayed by $way" \
	    test "$(number "relayed_$way")" -gt $((n / 30))
done
for reason in new expired changed busy over_rate no_route no_forwarding \
    no_neighbour too_big ttl checksum options other_device segments lease \
    malformed; do
	check "some are passed up: $reason" \
	    grep -q "^passed $reason [1-9]" "$T/out"
done
check "some ways are refused" test "$(number full)" -gt 0
finish
