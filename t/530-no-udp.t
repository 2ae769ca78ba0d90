#!/bin/sh
# A network that lets no UDP through. A call uses TCP, or TLS where only that
# gets through, and loses nothing. (t/bench/gaps measures how it sounds.) The
# filter is in a network namespace of its own.
. "$(dirname "$0")/lib.sh"
command -v nft >/dev/null || skip_all "needs nftables"
own_network "$0" "$@"
nft add table inet way && nft add chain inet way out \
    '{ type filter hook output priority 0; }' || skip_all "needs nftables"
start_switch switch

# call NAME: alice calls bob, who says back what he hears.
call() {
	start bob rp-dial --account "$T/switch.d/bob.conf" --answer --echo \
	    --once --ready-file "$T/bob.ready"
	wait_for 10 test -s "$T/bob.ready"
	check "$1: the call completes" rp-dial \
	    --account "$T/switch.d/alice.conf" --duration 2 \
	    --json "$T/$1.json" bob
	join bob
	rm -f "$T/bob.ready"
	is "$(jq ".media | $flowed and .loss_pct < 2 and .mos > 1" \
	    "$T/$1.json")" true "$1: and all of it comes"
}

call open
nft add rule inet way out meta l4proto udp counter drop
call "no UDP"
# What goes to the relay over TCP only, not over TLS.
tcp=$(port "$(ready "$T/switch.ready" turn_tcp)")
if [ -n "$tcp" ]; then
	nft add rule inet way out tcp dport "$tcp" counter drop
	call "only TLS"
	is "$(nft list chain inet way out |
	    grep -c 'counter packets [1-9].* drop')" 2 \
	    "both filters were in the way"
else
	skip "only TLS" "the switch does not say where its TCP port is"
fi
finish
