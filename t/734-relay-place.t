#!/bin/sh
# The relay is where the switch is. A switch that names others in iceServers does
# not have rp-dial send to them, by UDP or TCP, and a line says so; the call uses
# the relay at the address of the switch. Text with control characters goes
# nowhere. Runs in a network namespace of its own, whose filter counts packets.
. "$(dirname "$0")/lib.sh"
own_network "$0" "$@"
. "$(dirname "$0")/signal.sh"
command -v nft >/dev/null && nft add table inet seen 2>/dev/null ||
    skip_all "needs nftables"

start_switch switch
d=$T/switch.d
nft add chain inet seen out '{ type filter hook output priority 0; }'
others="169.254.169.254 10.0.0.5 192.0.2.9 127.0.0.9"
for other in $others; do
	ip route add "$other/32" dev lo 2>/dev/null
	nft add rule inet seen out ip daddr "$other" counter
done

# seen ADDRESS: how many packets went there.
seen() {
	nft list chain inet seen out |
	    sed -n "s/.*ip daddr $1 counter packets \([0-9]*\).*/\1/p"
}

# lie FROM TO: as a switch in the middle.
lie() {
	stop middle
	rm -f "$T/middle.ready"
	start middle "$RP_BUILD/t/tools/mitm" "$d/cert.pem" "$d/key.pem" \
	    "$d/ca.pem" "$(address call)" "s/$1/$2/" "$T/middle.ready"
	wait_for 10 test -s "$T/middle.ready" || fail "a switch that lies"
	lying=localhost:$(port "$(ready "$T/middle.ready" call)")
}

echo_at_once 1
for other in $others; do
	lie turn:127.0.0.1: "turn:$other:"
	rp-dial --account "$d/alice.conf" --switch "$lying" --duration 1 bob \
	    2>"$T/alice.err"
	is "$? $(seen "$other")" "0 0" \
	    "a relay named at $other: the call is at the switch's own"
	like "$(cat "$T/alice.err")" "^rp-dial: 127\.0\.0\.1: names a relay at \
$other, which is none of its addresses: not used\$" "and a line says so"
done

lie turn:127.0.0.1: turn:169.254.169.254:
rp-dial --account "$d/alice.conf" --switch "$lying" --probe --relay \
    >"$T/probe.out" 2>"$T/probe.err"
is "$? $(seen 169.254.169.254)" "12 0" "nor does the probe send there"
like "$(cat "$T/probe.err")" "the switch says that its relay is at \
169.254.169.254, which is none of its addresses" "and names the fault"

lie '"realm":"rp"' '"realm":"\r\nGET x\r\n"'
rp-dial --account "$d/alice.conf" --switch "$lying" --duration 1 bob \
    2>"$T/alice.err"
is "$?" 9 "credentials with lines of their own: no call"
like "$(cat "$T/alice.err")" "iceServers has no turn: server over UDP with \
valid credentials" "and a line says why"
stop middle
stop bob
finish
