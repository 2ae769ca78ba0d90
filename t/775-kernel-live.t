#!/bin/sh
# A call of rp-dial goes on by the kernel, after the driver (tc) and in it (XDP),
# while the switch takes a reload, while datagrams come that are of no use, and
# while this machine does not forward for a while. It then drains. No packet is
# lost, every checksum is right, and the call's statistics grow all the time.
. "$(dirname "$0")/lib.sh"
own_network "$0" "$@"
. "$(dirname "$0")/hosts.sh"
. "$(dirname "$0")/kernel.sh"
. "$(dirname "$0")/signal.sh"
kernel_need
kernel_wire
kernel_host alice 2
kernel_host bob 3
echo 'allow = "10.66.0.0/24";' >"$T/pushsend.conf"
start_switch switch --listen 10.66.0.1:0
stop switch

by_kernel() {
	metric "rp_relay_kernel_packets_total{family=\"ipv4\"}"
}
more_by_kernel() {
	[ "$(by_kernel)" -gt "$1" ]
}
# goes_on WHAT: the kernel relays more, and both are heard.
goes_on() {
	rp_was=$(by_kernel)
	media_mark
	check "$mode: the kernel relays $1" \
	    wait_for 10 more_by_kernel $((rp_was + 50))
	check "$mode: both speak on" wait_for 10 media_grows 25
}

call() {
	mode=$1
	rm -f "$T/switch.ready" "$T/bob.ready"
	write_conf "exec rp-pushsend --dev -c $T/pushsend.conf" 'drain_ms = 20000;'
	sed -i -e "s|^relay = .*|relay = { listen = \"10.66.0.1:0\"; kernel = \"$mode\"; };|" \
	    -e 's|^name = .*|name = "10.66.0.1";|' \
	    -e 's|^\(call = .*\)127.0.0.1|\110.66.0.1|' \
	    -e 's|^\(answer = .*\)127.0.0.1|\110.66.0.1|' "$T/switch.conf"
	start_on "sqlite:switch.d/rp.db"
	wire_watch bob "$(port "$(address turn)")"
	start_at bob answerer rp-dial --account "$T/switch.d/bob.conf" --answer \
	    --echo --once --push-listen 10.66.0.3:0 --ready-file "$T/bob.ready"
	wait_for 10 test -s "$T/bob.ready" || give_up "bob waits" "$T/answerer.err"
	start_at alice caller rp-dial --account "$T/switch.d/alice.conf" \
	    --duration 60 --json "$T/call.json" bob
	check "$mode: the call is up" wait_for 20 media_is ".rtp_packets > 10"
	goes_on "the call"
	reload
	is "$?" 0 "$mode: a reload is taken"
	goes_on "after a reload"
	start_at alice rubbish "$RP_BUILD/t/bench/rubbish" -r 20000 -d 1 \
	    "$(address turn)"
	join rubbish
	goes_on "after rubbish"
	kernel_forwards 0
	rp_was=$(by_kernel)
	media_mark
	check "$mode: without forwarding, the process relays" \
	    wait_for 10 media_grows 50
	check "$mode: and says why" test "$(metric \
	    'rp_relay_kernel_passed_total{reason="no_forwarding"}')" -gt 0
	kernel_forwards 1
	goes_on "once it is forwarded again"
	start drain rp-drain --socket "$T/switch.d/control"
	check "$mode: it drains" wait_for 10 reason draining
	goes_on "while it drains"
	kill -INT "$(cat "$T/caller.pid")"
	join caller
	is "$(jq -r '.media | .loss_pct' "$T/call.json")" 0 "$mode: no packet is lost"
	join answerer
	wire_end bob
	is "$? $(wire_seen bob bad)" "0 0" "$mode: each checksum is right"
	join drain
	is $? 0 "$mode: it has drained"
	stop switch
	is $? 0 "$mode: and ends in order"
}

call tc
if xdp_passes wire relay; then
	on alice ethtool -K eth0 tx off >/dev/null
	on bob ethtool -K eth0 tx off >/dev/null
	call xdp
else
	skip xdp "needs clang and XDP on veth"
fi
finish
