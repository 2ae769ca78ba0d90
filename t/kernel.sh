# Sourced after lib.sh and hosts.sh by scenarios of relay.kernel, in a network of
# their own (own_network), in which the switch runs.
#
#	kernel_wire [MTU]	eth0 here, 10.66.0.1 and fd66::1, on a wire
#	kernel_host NAME N	a host on it, 10.66.0.N and fd66::N; see hosts.sh
#	kernel_need		skip_all where there is no BPF
#	xdp_passes HOST DEVICE	its end of a veth takes what a driver's program sends
#	wire_watch HOST [PORT]	look at each packet of that host's
#	wire_seen HOST KEY	what that has found; see t/tools/wirecheck.c
#
# The wire is a bridge in a namespace of its own.

kernel_wire() {
	start wire unshare -n sleep 600
	wait_for 5 host_is_apart wire || skip_all "needs network namespaces"
	on wire ip link set lo up
	on wire ip link add lan type bridge || skip_all "needs a bridge"
	on wire ip link set lan up
	ip link add eth0 type veth peer name relay netns \
	    "$(cat "$T/wire.pid")" || skip_all "needs virtual networks"
	on wire ip link set relay master lan up
	ip link set eth0 up
	ip address add 10.66.0.1/24 dev eth0
	ip -6 address add fd66::1/64 dev eth0 nodad
	kernel_forwards 1
}

# The driver of a veth sends only to an end that has a program, too.
xdp_passes() {
	echo 'int xdp_pass(void *packet) { return 2; }' |
	    clang -O2 -target bpf -x c -c -o "$T/pass.o" - &&
	    on "$1" ip link set dev "$2" xdpdrv obj "$T/pass.o" sec .text
}

# kernel_forwards 0|1: both families.
kernel_forwards() {
	sysctl -qw "net.ipv4.conf.all.forwarding=$1" \
	    "net.ipv6.conf.all.forwarding=$1"
}

kernel_host() {
	start "$1" unshare -n sleep 600
	wait_for 5 host_is_apart "$1" || skip_all "needs network namespaces"
	on wire ip link add "to-$1" master lan type veth peer name eth0 \
	    netns "$(cat "$T/$1.pid")"
	on wire ip link set "to-$1" up
	on "$1" ip link set lo up
	on "$1" ip link set eth0 up
	on "$1" ip address add "10.66.0.$2/24" dev eth0
	on "$1" ip -6 address add "fd66::$2/64" dev eth0 nodad
}

# in_net HOST COMMAND...: there, or here if it is ".".
in_net() {
	if [ "$1" = . ]; then
		shift
		"$@"
	else
		on "$@"
	fi
}

# Where BPF is not to be had, and only there, the scenario is skipped. What else
# keeps the program from being attached is a fault.
kernel_need() {
	[ "$(id -u)" = 0 ] || skip_all "needs root, for BPF"
	command -v ethtool >/dev/null || skip_all "needs ethtool"
	command -v bpftool >/dev/null || skip_all "needs bpftool"
	start need "$RP_BUILD/t/tools/turnd" -E tc -f "$T/need.ready"
	wait_for 10 test -s "$T/need.ready" ||
	    give_up "turnd starts" "$T/need.err"
	stop need
	! grep -q "built without" "$T/need.err" ||
	    skip_all "built without libbpf"
	bpftool feature probe 2>&1 |
	    grep -q "program_type sched_cls is available" ||
	    skip_all "no bpf(2) for this user or machine"
}

wire_watch() {
	start_at "$1" "watch-$1" "$RP_BUILD/t/tools/wirecheck" \
	    ${2:+-p "$2"} -f "$T/watch-$1.ready" eth0
	wait_for 10 test -s "$T/watch-$1.ready" ||
	    give_up "wirecheck looks" "$T/watch-$1.err"
	rm "$T/watch-$1.ready"
}

# wire_end HOST: it stops looking, and says so.
wire_end() {
	stop "watch-$1"
}

wire_seen() {
	tr ' ' '\n' <"$T/watch-$1.out" | sed -n "s/^$2=//p"
}
