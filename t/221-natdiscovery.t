#!/bin/sh
# coturn's turnutils_natdiscovery asks a switch's relay how a NAT behaves. It
# gets what one address can tell: its reflexive address, and whether a packet to
# that comes back. The rest of RFC 5780 needs a second address and port, which a
# switch does not have. The relay therefore names none (OTHER-ADDRESS, 7.4), and
# the tool stops there.
#
# A request for the second address is refused with 420 and the attribute, as RFC
# 8489 6.3.1 asks for attributes that are not understood. An ordinary answer
# would look like a NAT that lets everything in.
. "$(dirname "$0")/lib.sh"
own_network "$0" "$@"
. "$(dirname "$0")/signal.sh"
command -v turnutils_natdiscovery >/dev/null || skip_all "needs coturn"
command -v bash >/dev/null || skip_all "needs bash, for /dev/udp"

make_subscribers
write_conf "exec $T/pusher $T"
sed -i 's|^relay = .*|relay = { listen = "0.0.0.0:0"; };|' "$T/switch.conf"
start_configured
turn=$(port "$(address turn)")

# discovers OPTION...: what the tool says of the switch.
discovers() {
	timeout 120 turnutils_natdiscovery "$@" -p "$turn" 127.0.0.1 2>&1
	echo "exit $?"
}
# It shows the reflexive address with the local one's port: no NAT is between.
maps='UDP reflexive addr: (127.0.0.1:[0-9]+)$'
for discovery in -m -f -H; do
	said=$(discovers $discovery)
	like "$said" "$maps" "$discovery: a reflexive address"
	like "$said" '^exit 0$' "$discovery: no complaint"
	is "$(echo "$said" | sed -nE 's/.*reflexive addr: .*:([0-9]+)$/\1/p' |
	    sort -u)" "$(echo "$said" |
	    sed -nE 's/.*Local addr: .*:([0-9]+)$/\1/p' | sort -u)" \
	    "$discovery: which is right"
done
like "$said" 'successful hairpinning' "and a packet to that comes back"
like "$(discovers -c -A 127.0.0.2)" 'reflexive addr: 127.0.0.2:' \
    "-c: each of two local addresses has its own"
is "$(discovers -m | grep -ciE 'other addr|alternat|origin')" 0 \
    "no second address is claimed"
like "$(discovers -m -P)" '420 \(Unknown Attribute\)' \
    "PADDING is refused: 420"

# asks ATTRIBUTES: a Binding request with these, in hexadecimal; its answer:
# the message type, and of an error the code and the attributes it names.
asks() {
	rp_len=$(printf %04x $((${#1} / 2)))
	printf %s "0001${rp_len}2112a442000102030405060708090a0b$1" |
	    xxd -r -p >"$T/request"
	bash -c 'exec 3<>"/dev/udp/127.0.0.1/$1"
	    cat "$2" >&3
	    timeout 60 dd bs=2048 count=1 status=none <&3 | xxd -p | tr -d "\n"' \
	    asks "$turn" "$T/request" |
	    sed -E 's/^(....).*/\1&/; s/^0101.*/good/
	    s/^0111.*0009....0000(....).*000a....(....).*/\1 \2/'
}
is "$(asks "")" good "a plain request is answered"
is "$(asks 0003000400000000)" "0414 0003" \
    "CHANGE-REQUEST, though it changes nothing, is refused by name"
is "$(asks 0003000400000006)" "0414 0003" "and another address and port"
is "$(asks 0003000400000002)" "0414 0003" "and another port"
is "$(asks 0027000412340000)" "0414 0027" "RESPONSE-PORT is refused by name"
is "$(asks 0026000400000000)" "0414 0026" "PADDING is refused by name"
is "$(metric 'rp_turn_errors_total{code="420"}')" 6 "each is counted"
is "$(asks c001000400000000)" good "what may be passed over is"
check "the switch ends" stop switch
finish
