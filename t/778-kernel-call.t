#!/bin/sh
# A call whose packets the kernel relays is the same as one that the relay's process
# relays: what arrives, its checksums on the wire, and the statistics, to the
# packet. That holds after the driver (tc) and in it (XDP), for IPv4 and IPv6, for
# senders on this machine, whose checksums are unfinished, and for those without
# one.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/turn.sh"
own_network "$0" "$@"
. "$(dirname "$0")/hosts.sh"
. "$(dirname "$0")/kernel.sh"
kernel_need
kernel_wire
kernel_host alice 2

# at FAMILY N: an address, as turnd and rtpcall take it.
at() {
	case $1 in
	v4) echo "10.66.0.$2:0" ;;
	v6) echo "[fd66::$2]:0" ;;
	esac
}

# checksums on|off: does the sender finish them?
checksums() {
	rp_tx=off
	[ "$1" = on ] || rp_tx=on
	on alice ethtool -K eth0 tx $rp_tx >/dev/null
}

# fixed SERVER FAMILY CALL [OPTION...]: a call with a fixed input, what arrived,
# and what the relay says of it.
fixed() {
	rp_server=$1
	rp_family=$2
	rp_call=$3
	shift 3
	rp_turn=$(sed -n 's/^turn=//p' "$T/$rp_server.ready" |
	    if [ "$rp_family" = v4 ]; then grep -v '^\['; else grep '^\['; fi)
	on alice "$RP_BUILD/t/tools/rtpcall" -c "$rp_call" "$@" "$rp_turn" \
	    "$(at "$rp_family" 2)" "$(at "$rp_family" 2)" 2>&1
	: >"$T/$rp_server.out"
	echo "call $rp_call" >"$T/$rp_server.fifo"
	wait_for 5 test -s "$T/$rp_server.out"
	cat "$T/$rp_server.out"
}

# totals SERVER: of all calls so far, what does not depend on who relays.
totals() {
	for rp_name in rp_relay_packets_total rp_relay_bytes_total \
	    rp_relay_rtp_packets_total rp_relay_rtp_expected_total; do
		echo "$rp_name $(counter "$1" "$rp_name")"
	done
}

# every SERVER: each kind of call, one after another.
every() {
	for rp_checksums in off on; do
		checksums $rp_checksums
		for rp_family_of in v4 v6; do
			fixed "$1" $rp_family_of "$rp_family_of$rp_checksums"
		done
	done
	fixed "$1" v4 zero -z
	totals "$1"
}

start_turnd off -E off -l "$(at v4 1)" -l "$(at v6 1)"
wire_watch alice
every off >"$T/off.all"
wire_end alice
is "$? $(wire_seen alice bad) $(wire_seen alice short)" "0 0 0" \
    "without the kernel, all checksums are right"
like "$(cat "$T/off.all")" "sent=1000 received=1000 bytes=[0-9]* wrong=0" \
    "and all packets arrive"
is "$(counter off rp_relay_kernel_packets_total)" 0 "none by the kernel"

for mode in tc xdp; do
	[ $mode != xdp ] || xdp_passes wire relay || {
		skip xdp "needs clang and XDP on veth"
		continue
	}
	start_turnd $mode -E $mode -l "$(at v4 1)" -l "$(at v6 1)"
	is "$(counter $mode rp_relay_kernel_attached)" 1 "$mode is attached" ||
	    cat "$T/$mode.err"
	wire_watch alice
	every $mode >"$T/$mode.all"
	wire_end alice
	is "$? $(wire_seen alice bad) $(wire_seen alice lost)" "0 0 0" \
	    "$mode: each packet's checksum is right"
	check "$mode: as are those that are still to be finished" \
	    test "$(wire_seen alice unfinished)" -gt 0
	is "$(diff "$T/off.all" "$T/$mode.all")" "" \
	    "$mode: the same packets arrive, and the statistics are equal"
	by_kernel=$(counter $mode rp_relay_kernel_packets_total)
	# All but the first packets, of each way. The driver's program leaves it
	# to the process to finish a checksum.
	least=4900
	[ $mode = tc ] || least=2900
	check "$mode: the kernel has relayed them ($by_kernel)" \
	    test "$by_kernel" -ge $least
	check "$mode: each of them one hop on" \
	    test "$(wire_seen alice short)" -eq "$by_kernel"
	stop $mode
	is $? 0 "$mode: it ends in order"
done
stop off
finish
