#!/bin/sh
# The life of the relay's program in the kernel. A switch attaches it to the
# devices with its addresses, says so, and then has no capability left. Two
# switches share a device. What one that was killed has left there, the next
# start removes, and the driver's is gone with its process. A kernel that refuses
# keeps no switch from starting.
. "$(dirname "$0")/lib.sh"
own_network "$0" "$@"
. "$(dirname "$0")/signal.sh"

# has_caps: may this process load a program? CAP_NET_ADMIN, CAP_PERFMON, CAP_BPF.
has_caps() {
	rp_caps=$(sed -n 's/^CapEff:[[:space:]]*/0x/p' /proc/self/status)
	[ $((rp_caps >> 12 & rp_caps >> 38 & rp_caps >> 39 & 1)) = 1 ]
}
has_caps || skip_all "needs CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN"
command -v tc >/dev/null || skip_all "needs tc(8)"
ip link add eth0 type veth peer name wire0 2>/dev/null ||
    skip_all "needs virtual networks"
ip link set wire0 up
ip link set eth0 up
ip address add 10.66.0.1/24 dev eth0
ip -6 address add fd66::1/64 dev eth0 nodad
sysctl -qw net.ipv4.conf.eth0.forwarding=1 net.ipv6.conf.eth0.forwarding=0

make_subscribers
cp -r "$T/switch.d" "$T/other.d"

# conf NAME MODE: write NAME.conf.
conf() {
	write_conf "exec cat >/dev/null"
	sed -e "s|switch\.d|$1.d|" -e "s|^relay = .*|relay = { \
listen = [ \"10.66.0.1:0\", \"[fd66::1]:0\" ]; tcp_listen = \"\"; \
tls_listen = \"\"; kernel = \"$2\"; };|" "$T/switch.conf" >"$T/$1.new"
	mv "$T/$1.new" "$T/$1.conf"
}
# begin NAME MODE [COMMAND...]: a switch, run by a command if there is one.
begin() {
	rp_name=$1
	conf "$1" "$2"
	shift 2
	rm -f "$T/$rp_name.ready"
	start "$rp_name" "$@" "$RP_BUILD/bin/rp-switchd/rp-switchd" \
	    -c "$T/$rp_name.conf" --ready-file "$T/$rp_name.ready"
	wait_for 20 test -s "$T/$rp_name.ready" ||
	    give_up "the switch starts" "$T/$rp_name.err"
}
# said NAME: what its log says of the kernel.
said() {
	grep -o 'level=[a-z]* event=kernel.*' "$T/$1.err"
}
# filters: the handles of the relay's filters on eth0, and their programs.
filters() {
	tc filter show dev eth0 ingress |
	    sed -n 's/.* handle \(0x[0-9a-f]*\) relay_tc.* id \([0-9]*\) .*/\1 \2/p' |
	    sort
}
handles() {
	filters | cut -d' ' -f1 | xargs
}
in_driver() {
	ip link show eth0 | grep -c ' xdp '
}
# left NAME: the capabilities of all threads of the switch and its children.
left() {
	rp_pid=$(cat "$T/$1.pid")
	for rp_one in $rp_pid $(pgrep -P "$rp_pid"); do
		sed -n 's/^\(Cap\(Inh\|Prm\|Eff\|Amb\)\):[[:space:]]*/\1 /p' \
		    /proc/"$rp_one"/task/*/status
	done | sort | uniq -c | xargs -n 3
}

# Values.
conf switch fast
rp-switchd -t -c "$T/switch.conf" >"$T/out" 2>&1
is "$(grep -c 'switch.conf:.*relay.kernel: wants off, tc, xdp or auto$' \
    "$T/out")" 1 "another value is refused, with file and line"
conf switch tc
rp-switchd -t -c "$T/switch.conf" >"$T/out" 2>&1
if grep -q "built without libbpf" "$T/out"; then
	is "$(grep -c "switch.conf:.*: relay.kernel: tc: " "$T/out")" 1 \
	    "without libbpf, -t refuses tc"
	skip "all else" "built without libbpf"
	finish
fi

# Attached, told, and counted.
begin switch tc
[ -n "$(said switch | grep 'mode=tc why="cannot load.*not permitted')" ] &&
    skip_all "this machine allows no bpf(2)"
like "$(said switch)" 'level=info event=kernel device=eth0 mode=tc queues=[1-9]' \
    "the start tells of the device"
like "$(said switch)" 'level=warn .*net.ipv6.conf.eth0.forwarding is 0' \
    "and that it does not forward IPv6"
is "$(said switch | grep -c ipv4)" 0 "and it forwards IPv4"
is "$(handles)" 0x52500001 "it is attached"
is "$(metric 'rp_relay_kernel_attached{device="eth0",mode="tc"}')" 1 \
    "the metrics say so"
is "$(metric rp_relay_kernel_refused_total)" 0 "nothing was refused"
like "$(rp-drain --socket "$T/switch.d/control" --status)" \
    '^relay.kernel: eth0 tc; 0 packets relayed, 0 passed up$' "and so does rp-drain"
is "$(said switch | grep -c lo)" 0 "it is not attached to loopback"

# Two on one device, of which one is killed.
begin other tc
is "$(handles)" "0x52500001 0x52500002" "another switch is there, too"
filters >"$T/were"
kill -9 "$(cat "$T/switch.pid")"
join switch
gone() {
	! ss -xa | grep -q "rp-relay-kernel/52500001"
}
check "the relay ends with the switch" wait_for 10 gone
is "$(handles)" "0x52500001 0x52500002" "the filter of one that was killed stays"
begin switch xdp
is "$(handles)" 0x52500002 "until the next start, which leaves the other's"
is "$(filters)" "$(sed -n 2p "$T/were")" "as it was"

# In the driver.
like "$(said switch)" 'level=info event=kernel device=eth0 mode=xdp' \
    "it is in the driver"
like "$(said switch)" 'level=warn event=kernel device=eth0 why="veth sends' \
    "with a warning of veth"
is "$(in_driver)" 1 "which has it"
stop other
begin other xdp
like "$(said other)" \
    'level=warn event=kernel mode=xdp device=eth0 why="another program is there"' \
    "a second one is refused, and starts"
like "$(rp-drain --socket "$T/other.d/control" --status)" \
    '^relay.kernel: on no device; 0' "which rp-drain tells"
stop other
stop switch
not_in_driver() {
	[ "$(in_driver)" = 0 ]
}
check "the driver's is gone with its process" wait_for 10 not_in_driver
begin switch auto
like "$(said switch)" 'device=eth0 mode=tc' "auto takes tc on veth"
is "$(handles)" 0x52500001 "what was there before is gone"
stop switch

# As under the unit with its drop-in.
if setpriv --reuid=nobody true 2>/dev/null; then
	chown -R nobody "$T"
	caps=+bpf,+perfmon,+net_admin
	begin switch tc setpriv --reuid=nobody --regid=nogroup --clear-groups \
	    --inh-caps=$caps --ambient-caps=$caps --bounding-set=-all,$caps \
	    --no-new-privs
	is "$(handles)" 0x52500001 "the drop-in's capabilities suffice"
	left switch | sed 's/^/# /'
	is "$(left switch | grep -cv ' 0000000000000000$')" 0 \
	    "of which no thread has any afterwards"
	stop switch
	begin switch tc setpriv --reuid=nobody --regid=nogroup --clear-groups \
	    --bounding-set=-all --no-new-privs
	is "$(said switch)" 'level=warn event=kernel mode=tc why="cannot load the program: Operation not permitted"' \
	    "without them one line says what was refused"
	is "$(metric rp_relay_kernel_refused_total)" 1 "it is counted"
	is "$(metric 'rp_relay_kernel_attached{device="",mode="off"}')" 0 \
	    "and nothing is attached"
	stop switch
else
	skip "another user" "no setpriv"
fi

# Off, which is the default.
begin switch off
is "$(said switch)" "" "off says nothing"
is "$(rp-drain --socket "$T/switch.d/control" --status |
    grep -c relay.kernel)" 0 "nor does rp-drain"
finish
