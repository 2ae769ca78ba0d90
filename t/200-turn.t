#!/bin/sh
# The relay serves a foreign TURN client, coturn's own. Packets go from client
# to client by channels and by indications, without loss, with any number of
# threads, on a wildcard address, and over IPv6. Datagrams that are not TURN are
# dropped and counted by reason.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/turn.sh"
command -v turnutils_uclient >/dev/null || skip_all "needs coturn"

# uclient NAME TURND IP OPTION...: two of it, talking to each other. By UDP,
# or what rp_by says: turn_tcp, turn_tls.
uclient() {
	rp_user=$(username "call$1" a)
	rp_port=$(port "$(ready "$T/$2.ready" "${rp_by:-turn}")")
	rp_as=$1
	rp_ip=$3
	shift 3
	start "$rp_as" timeout 60 turnutils_uclient -y $rp_rtcp -n 20 -m 2 -l 171 \
	    -u "$rp_user" -w "$(password "$rp_user")" -p "$rp_port" "$@" \
	    "$rp_ip"
}

# lossless NAME WHAT
lossless() {
	join "$1"
	like "$(cat "$T/$1.out")" "Total lost packets 0 " "coturn's client: $2"
}

certificate
rp_rtcp=-c			# without a second allocation for RTCP
start_turnd one -l 127.0.0.1:0
start_turnd tcp -l 127.0.0.1:0 -T 127.0.0.1:0 -S 127.0.0.1:0 \
    -C "$T/cert.pem" -K "$T/key.pem"
start_turnd four -l 0.0.0.0:0 -t 4
uclient channels one 127.0.0.1
uclient indications one 127.0.0.1 -s
uclient family one 127.0.0.1 -X
rp_by=turn_tcp uclient tcpchannels tcp 127.0.0.1 -t
rp_by=turn_tcp uclient tcpindications tcp 127.0.0.1 -t -s
rp_by=turn_tls uclient tlschannels tcp 127.0.0.1 -t -S
rp_by=turn_tls uclient tlsindications tcp 127.0.0.1 -t -S -s
rp_rtcp= uclient rtcp four 127.0.0.1
uclient threads four 127.0.0.1
uclient asked four 127.0.0.2
if grep -q 1 /proc/net/if_inet6 2>/dev/null; then
	start_turnd turnd6 -l '[::]:0'
	uclient six turnd6 ::1 -x
	uclient mixed turnd6 ::1 -X
fi
lossless channels "channels"
lossless indications "indications"
lossless family "IPv4 asked for"
lossless tcpchannels "channels over TCP"
lossless tcpindications "indications over TCP"
lossless tlschannels "channels over TLS"
lossless tlsindications "indications over TLS"
lossless rtcp "RTP and RTCP on adjoining ports"
lossless threads "4 threads, wildcard address"
lossless asked "answers leave from the address that was asked"
if running turnd6; then
	lossless six "IPv6"
	lossless mixed "an IPv4 relayed address for an IPv6 client"
else
	skip "IPv6" "there is none here"
fi
is "$(counter one 'rp_relay_packets_total')" 120 \
    "each packet is counted"
is "$(counter tcp 'rp_relay_packets_total')" 160 "those of streams as well"
none_open() {
	[ "$(counter tcp rp_relay_streams)" = 0 ]
}
check "no stream outlives its client" wait_for 10 none_open

# Not TURN at all, or not quite.
turn=$(ready "$T/one.ready" turn)
# sends HEX REASON NAME: dropped, and counted so.
sends() {
	rp_was=$(counter one "rp_relay_dropped_total{reason=\"$2\"}")
	printf %s "$1" | xxd -r -p |
	    bash -c "cat >/dev/udp/127.0.0.1/$(port "$turn")"
	dropped() {
		[ "$(counter one "rp_relay_dropped_total{reason=\"$1\"}")" = \
		    "$2" ]
	}
	check "$3" wait_for 5 dropped "$2" $((rp_was + 1))
}
sends 16fefd0000000000 not_stun "a DTLS record"
sends 000100042112a442000000000000000000000000 malformed "a wrong length"
sends 000100082112a4420000000000000000000000008028000400000000 fingerprint \
    "a wrong FINGERPRINT"
sends 010100002112a442000000000000000000000000 unexpected "a response"
sends 001600002112a442000000000000000000000000 bad_indication \
    "a Send indication without an address"
sends 40000008aaaa bad_length "ChannelData shorter than it says"
sends 40000001aaaaaaaaaaaa bad_length "ChannelData longer than it says"
sends 40000002aaaa no_allocation "ChannelData from nobody"
check "it still runs" running one

# Wrong credentials.
refused() {
	timeout 20 turnutils_uclient -y -c -n 1 -m 1 -u "$1" -w "$2" \
	    -p "$(port "$turn")" 127.0.0.1 2>&1
}
user=$(username c a)
like "$(refused "$user" "$(password x)")" 'Cannot complete Allocation' \
    "a wrong password"
user=$(username c a -1)
like "$(refused "$user" "$(password "$user")")" 'Cannot complete Allocation' \
    "an expired one"
is "$(counter one 'rp_turn_requests_total{method="allocate"}')" 9 \
    "and nothing but the first three clients' was allocated"
check "it ends" stop one

finish
