#!/bin/sh
# Browsers call by a relay with relay.kernel = "auto", on another host of their
# network: audio both ways and a data channel, before and after an ICE restart.
# Chromium binds channels, so that the kernel relays its media. Firefox does not;
# what it sends is left to the process.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/turn.sh"
own_network "$0" "$@"
. "$(dirname "$0")/hosts.sh"
. "$(dirname "$0")/kernel.sh"
. "$(dirname "$0")/browser.sh"
command -v node >/dev/null || skip_all "needs Node.js"
browsers=
[ ! -x "$browser_chromium" ] || browsers=chromium
! browser_has_firefox || browsers="$browsers firefox"
browsers=${RP_BROWSERS:-$browsers}
[ -n "$browsers" ] || skip_all "needs Chromium or Firefox ESR"
kernel_need
kernel_wire
kernel_host alice 2
# A browser looks for candidates on interfaces with a route to the world.
on alice ip route add default via 10.66.0.254
browser_at="nsenter -t $(cat "$T/alice.pid") -n"

# An address that came later would be another network to Chromium.
settled() {
	[ -z "$(on alice ip -6 address show tentative)" ]
}
wait_for 10 settled

for browser_runs in $browsers; do
	start_turnd $browser_runs -E auto -l 10.66.0.1:0
	is "$(counter $browser_runs rp_relay_kernel_attached)" 1 \
	    "$browser_runs: auto attaches the program" ||
	    cat "$T/$browser_runs.err"
	a=$(username $browser_runs a)
	b=$(username $browser_runs b)
	said=$(browse relay.html "urls=turn:$(ready "$T/$browser_runs.ready" \
	    turn)?transport=udp&user=$a&user2=$b$(
	    )&pass=$(encoded "$(password "$a")")$(
	    )&pass2=$(encoded "$(password "$b")")")
	is "$(echo "$said" | jq .ok)" true \
	    "$browser_runs: audio, data and an ICE restart: $said"
	is "$(echo "$said" | jq -r '[.pairs[], .restarted[]] |
	    map(startswith("relay/relay udp 10.66.0.1:")) | all')" true \
	    "$browser_runs: relayed to relayed"
	by_kernel=$(counter $browser_runs rp_relay_kernel_packets_total)
	case $browser_runs in
	chromium) check "$browser_runs: the kernel relays it ($by_kernel)" \
	    test "$by_kernel" -gt 100 ;;
	*) pass "$browser_runs: the kernel relays $by_kernel packets of it" ;;
	esac
	stop $browser_runs
	is $? 0 "$browser_runs: the relay ends in order"
done
finish
