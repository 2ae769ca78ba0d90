#!/bin/sh
# The losers of a race are closed before they complete: in captures of real
# dials no handshake of another switch is ever finished where the winner was
# more than 5 ms ahead, and the losing switches know nothing of it. A thing on
# the way that completes TCP for everybody is found out, and the race then still
# won by the nearest.
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
world_host sw2 frankfurt
world_host sw3 cairo
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

# What ann sends to a call port, by flags: SYN 2, RST 4; with ACK 16 more.
to_call_ports() {
	awk '$2 == "tcp" && $6 == 31337 { print $5, $7, $8 }' "$T/ann.packets"
}

capture ann
for i in 1 2 3 4 5 6 7 8 9 10; do
	probe >"$T/probe.json"
	jq -c '.multiconnect[] | select(.outcome | startswith("struck"))' \
	    "$T/probe.json" | sed 's/^/# /' >&2
	jq -r .switch.address "$T/probe.json"
done >"$T/winners"
# The far losers' SYN-ACKs still come.
sleep 0.3
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
is "$(awk '$2 == 2' "$T/sent" | wc -l)" 80 \
    "each dial sent a SYN to all eight addresses"
near=$(world_rtts | awk -v b="$best" '$1 == "ann" && $2 ~ /^sw/ &&
	$3 <= b + 5 { print $2 }')
for switch in $near; do
	world_addr "$switch"
	world_addr6 "$switch"
done >"$T/near"
is "$(grep -vFwf "$T/near" "$T/sent" | awk '$2 != 2 && $2 != 4 && $2 != 20')" \
    "" "but no loser more than 5 ms behind was answered with anything but RST"
is "$(grep -Fw -e "$(world_addr sw1)" -e "$(world_addr6 sw1)" "$T/sent" |
    awk '$2 == 16 && $3 == 0' | head -n 1 | wc -l)" 1 "as the winner was"

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
# far NAME: how many were won by one that is more than 5 ms behind the nearest:
# closer ones differ by less than four switches that sign take on two processors.
far() {
	grep -cvFwf "$T/near" "$T/$1.winners"
}
by_race tls
is "$(far tls)" 0 "behind a proxy the ServerHello finds the nearest, always"
by_race auto
# TCP decides until it is wrong by so much that it is noticed (50 ms): once for
# the farthest, and sw3 may be too close for that.
is "$([ "$(far auto)" -le 2 ] && echo yes)" yes \
    "auto finds out by itself ($(far auto) of 10 were far)"
is "$(cut -d ' ' -f 1,3 "$T/eve-auto.addresses" | grep -c proxy)" 1 \
    "and remembers it"
by_race tcp
is "$([ "$(far tcp)" -gt 0 ] && echo yes)" yes \
    "which TCP alone does not"
finish
