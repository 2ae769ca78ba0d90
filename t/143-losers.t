#!/bin/sh
# The losers of a race are closed before they complete. In captures of real
# dials, only RST goes to another switch once a message has gone to the winner.
# No other handshake is finished where the machine is quick enough. A proxy that
# completes TCP for everybody is detected, and the nearest switch still wins.
# The nearest is 80 ms ahead of all others, more than a busy machine adds;
# t/bench/race has smaller distances.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dns.sh"
. "$(dirname "$0")/world/world.sh"
. "$(dirname "$0")/world/service.sh"
. "$(dirname "$0")/world/capture.sh"
world_need
capture_need

service_open
world_host ann london
world_nat eve london
switches="sw1 sw2 sw3 sw4"
world_host sw1 dublin
world_host sw2 ashburn
world_host sw3 dallas
world_host sw4 capetown
world_host ns -
for switch in $switches; do
	service_switch $switch ireland
done
world_start
service_dns ns
service_user ann
for switch in $switches; do
	service_start $switch
done
best=$(world_rtts | awk '$1 == "ann" && $2 ~ /^sw/ { print $3 }' | sort -n |
    head -n 1)
next=$(world_rtts | awk '$1 == "ann" && $2 ~ /^sw/ { print $3 }' | sort -n |
    sed -n 2p)
echo "# the nearest switch is $best ms away, the next $next"

probe() {
	world_exec ann rp-dial --probe --account "$T/ann.conf" --json - "$@"
}

# Flags: SYN 2, RST 4; with ACK 16 more. What ann sends to a call port, as
# "DIAL SPOKEN TO FLAGS BYTES": a dial begins with its SYNs, and is spoken in
# once the ClientHello has left for the winner.
to_call_ports() {
	awk '$2 == "tcp" && $6 == 31337 {
		if ($7 == 2 && (spoken || !dial)) { dial++; spoken = 0 }
		print dial, spoken + 0, $5, $7, $8
		if ($8 > 0 && !spoken) spoken = 1
	}' "$T/ann.packets"
}
# Have all the addresses answered each dial, by a socket of its own?
all_answered() {
	capture_read ann
	[ "$(awk '$2 == "tcp" && $4 == 31337 && $7 == 18 { print $3, $6 }' \
	    "$T/ann.packets" | sort -u | wc -l)" -ge 80 ]
}

capture ann
for i in 1 2 3 4 5 6 7 8 9 10; do
	probe >"$T/probe.json"
	jq -c '.multiconnect[] | select(.outcome | startswith("struck"))' \
	    "$T/probe.json" | sed 's/^/# /' >&2
	jq -r .switch.address "$T/probe.json"
done >"$T/winners"
check "each dial is answered by all eight addresses" wait_for 5 all_answered
capture_stop ann
to_call_ports >"$T/sent"
# Either family of the nearest is as good.
for switch in $switches; do
	echo "$(world_addr $switch) $switch"
	echo "$(world_addr6 $switch) $switch"
done >"$T/names"
is "$(sed 's/:31337$//; s/[][]//g' "$T/winners" | while read -r winner; do
	awk -v w="$winner" '$1 == w { print $2 }' "$T/names"; done |
    sort | uniq -c | xargs)" "10 sw1" "ten dials, won by the nearest"
is "$(awk '$4 == 2 { print $1, $3 }' "$T/sent" | sort -u | wc -l)" 80 \
    "each dial sent a SYN to all eight addresses"
for switch in sw1; do
	world_addr "$switch"
	world_addr6 "$switch"
done >"$T/near"
grep -vFwf "$T/near" "$T/sent" >"$T/to-losers"
is "$(awk '$2 && $4 != 4 && $4 != 20' "$T/to-losers")" "" \
    "but with the winner spoken to no loser was answered with anything but RST"
is "$(awk '$4 == 16 { completed[$1] = 1 } END { for (dial = 1; dial <= 10;
    dial++) if (!completed[dial]) { print "one"; exit } }' "$T/to-losers")" \
    one "nor completed at all before, in one dial at least"
is "$(grep -Fwf "$T/near" "$T/sent" | awk '$4 == 16 && $5 == 0' |
    head -n 1 | wc -l)" 1 "as the winner was"

# A program that is late finds all of them completed; the kernel still knows who
# was first.
for switch in sw4 sw3 sw2 sw1; do
	world_addr $switch
done >"$T/addrs"
# shellcheck disable=SC2046
is "$(RACE_LATE_MS=300 world_exec ann "$RP_BUILD/t/tools/race" 5 31337 \
    $(cat "$T/addrs") | cut -d ' ' -f 1 | sort | uniq -c | xargs)" \
    "5 $(world_addr sw1)" "a program that is late still chooses the nearest"

# Eve's network completes TCP to the call port for everybody, at once.
# shellcheck disable=SC2046
start proxy $(world_in eve-nat) "$RP_BUILD/t/tools/tcpproxy" 9999 \
    "$T/proxy.ready"
wait_for 5 test -s "$T/proxy.ready"
world_exec eve-nat nft add rule ip nat in iifname lan0 tcp dport 31337 \
    redirect to :9999
# by_race NAME: ten probes with that setting; who won is in $T/NAME.winners.
by_race() {
	sed "s/number.*/number = \"eve-$1\"; race = \"$1\";/" "$T/ann.conf" \
	    >"$T/eve-$1.conf"
	i=0
	while [ $i -lt 10 ]; do
		world_exec eve rp-dial --probe --account "$T/eve-$1.conf" \
		    --json - | jq -r .switch.address
		i=$((i + 1))
	done >"$T/$1.winners"
	echo "# by $1 the nearest wins $(grep -c "^$(world_addr sw1):" \
	    "$T/$1.winners") of 10"
}
# far NAME: how many were won by another than the nearest.
far() {
	grep -cvFwf "$T/near" "$T/$1.winners"
}
by_race tls
check "behind a proxy the ServerHello finds the nearest ($(far tls) were far)" \
    test "$(far tls)" -le 2
by_race auto
# TCP decides until it is wrong by so much that it is noticed (50 ms), once.
check "auto finds out by itself ($(far auto) of 10 were far)" \
    test "$(far auto)" -le 3
is "$(cut -d ' ' -f 1,3 "$T/eve-auto.addresses" | grep -c proxy)" 1 \
    "and remembers it"
by_race tcp
is "$([ "$(far tcp)" -gt 0 ] && echo yes)" yes \
    "which TCP alone does not"
finish
