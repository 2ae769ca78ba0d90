#!/bin/sh
# relay.peers = "clients": the relay for other applications. Any two of their
# users meet through table entries, over UDP, TCP and TLS, and nobody opens a
# port for it. A call of our own signalling stays among its parties. Nothing
# outside is reached, not even another program at the relay's own address. With
# relay.allowed_peers there is a way to those addresses, and to no other.
. "$(dirname "$0")/lib.sh"
own_network "$0" "$@"
. "$(dirname "$0")/turn.sh"
command -v openssl >/dev/null || skip_all "needs openssl"

ours=0123456789abcdef0123456789abcdef	# a call as our signalling names it

# talker NAME VIA TURND USERNAME: a client with an allocation. It is told what to
# do, and its events are in $T/NAME.out (t/tools/turntalk.c).
talker() {
	case $2 in udp) rp_key=turn ;; *) rp_key=turn_$2 ;; esac
	mkfifo "$T/$1.fifo"
	start "$1" sh -c 'exec "$@" <"$0"' "$T/$1.fifo" \
	    "$RP_BUILD/t/tools/turntalk" -v "$2" -c "$T/cert.pem" \
	    -u "$4" -p "$(password "$4")" "$(ready "$T/$3.ready" $rp_key)"
	# Held open by a process of its own, for the fifo not to end.
	start "$1.hold" sh -c 'exec sleep 600 >"$0"' "$T/$1.fifo"
	wait_for 10 grep -q "^relayed" "$T/$1.out" ||
	    give_up "$1 allocates" "$T/$1.out"
}

relayed() {
	sed -n 's/^relayed //p' "$T/$1.out"
}

# tell NAME LINE
tell() {
	echo "$2" >"$T/$1.fifo"
}

# answered NAME VERB ADDRESS: what it was answered; waits for it.
answered() {
	wait_for 10 grep -q "^$2 $3 " "$T/$1.out"
	sed -n "s/^$2 $3 //p" "$T/$1.out" | tail -n 1
}

# ask NAME VERB ADDRESS: ask for it, and say what was answered.
ask() {
	tell "$1" "$2 $3"
	answered "$1" "$2" "$3"
}

# hears NAME FROM TEXT: for wait_for.
hears() {
	grep -qxF "data $2 $3" "$T/$1.out"
}

# speaks FROM TO TEXT NAME: sends, and the other hears it from its address.
speaks() {
	tell "$1" "send $(relayed "$2") $3"
	check "$4" wait_for 10 hears "$2" "$(relayed "$1")" "$3"
}

# drops TURND REASON N: for wait_for.
drops() {
	[ "$(counter "$1" "rp_relay_dropped_total{reason=\"$2\"}")" = "$3" ]
}

sockets() {
	ls -l "/proc/$(cat "$T/$1.pid")/fd" | grep -c socket:
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
    -subj /CN=relay.test -addext subjectAltName=DNS:relay.test \
    -keyout "$T/key.pem" -out "$T/cert.pem" 2>/dev/null
start_turnd relay -P clients -l 127.0.0.1:0 -T 127.0.0.1:0 -S 127.0.0.1:0 \
    -C "$T/cert.pem" -K "$T/key.pem"
before=$(sockets relay)

# A firewall that counts all that is neither to nor from its three ports; the
# metrics are for this test.
ports=$(for key in turn turn_tcp turn_tls metrics; do
	port "$(ready "$T/relay.ready" $key)"
done | paste -sd ,)
wall() {
	command -v nft >/dev/null && nft -f - <<-END
		table inet wall {
			counter others { }
			chain in {
				type filter hook input priority 0; policy drop;
				th dport { $ports } accept
				th sport { $ports } accept
				counter name others
			}
		}
	END
}
walled=
wall && walled=yes

# Three users of another application, and two parties of a call of ours.
talker alice udp relay "$(username "@alice" example.org:8448)"
talker bob tcp relay "$(username "@bob" example.org:8448)"
talker carol tls relay "$(username "@carol" example.org:8448)"
talker caller udp relay "$(username $ours a)"
talker callee udp relay "$(username $ours b0)"
is "$(sockets relay)" $((before + 2)) "no allocation has a socket, and a stream one"

is "$(ask alice permit "$(relayed bob)")" 0 "a user may send to another"
tell alice "send $(relayed bob) unheard"
check "who has not permitted it does not hear" wait_for 10 drops relay \
    peer_refuses 1
is "$(ask bob permit "$(relayed alice)")" 0 "it permits, too"
speaks alice bob one "UDP to TCP, by indications"
speaks bob alice two "and back"
is "$(ask carol bind "$(relayed alice)")" 0 "a channel over TLS"
is "$(ask alice bind "$(relayed carol)")" 0 "and the other's"
speaks alice carol three "UDP to TLS, by channels"
speaks carol alice four "and back"
is "$(ask carol permit "$(relayed bob)")" 0 "a third one permits the second"
speaks carol bob five "TLS to TCP, by a permission for the same address"
is "$(grep -c unheard "$T/bob.out")" 0 "nothing more came"

# An address whose client is gone is nobody's.
stop carol
check "a client that goes takes its allocation along" wait_for 10 \
    sh -c "curl -s http://$(ready "$T/relay.ready" metrics)/metrics |
    grep -q '^rp_relay_allocations 4$'"
tell alice "send $(relayed carol) anybody"
check "what is for one that is gone is dropped" wait_for 10 drops relay \
    no_peer 1

# A call of our own.
is "$(ask caller bind "$(relayed callee)")" 0 "the caller binds a channel"
is "$(ask callee bind "$(relayed caller)")" 0 "and the callee"
speaks caller callee six "they meet"
is "$(ask caller permit "$(relayed alice)")" 0 "its permission is by address"
tell caller "send $(relayed alice) seven"
check "but a user is not of the call" wait_for 10 drops relay no_peer 2
tell alice "send $(relayed callee) eight"
check "and the call is of no user" wait_for 10 drops relay no_peer 3
is "$(grep -chE 'seven|eight' "$T/alice.out" "$T/callee.out" | tr -d '\n')" 00 \
    "neither was heard"

if [ -n "$walled" ]; then
	like "$(nft list counter inet wall others)" "packets 0 " \
	    "a firewall sees three ports, and no packet to another"
	nft delete table inet wall
else
	skip "a firewall sees three ports" "needs nftables"
fi

# Nothing outside: programs that would hear it, of the relay's address too.
listener() {
	start "$1" perl -MIO::Socket::INET -e '$| = 1;
	    my $udp = IO::Socket::INET->new(Proto => "udp", LocalAddr => shift)
	        or die; print $udp->sockport, "\n";
	    while (defined $udp->recv(my $data, 2000)) { print "heard $data\n" }
	    ' "$2:0"
	wait_for 10 test -s "$T/$1.out" || give_up "$1 listens" "$T/$1.err"
}
listener outside 127.0.0.2
outside=127.0.0.2:$(head -n 1 "$T/outside.out")
listener beside 127.0.0.1
beside=127.0.0.1:$(head -n 1 "$T/beside.out")
for address in $outside 8.8.8.8:53 192.168.0.1:80 169.254.169.254:80; do
	is "$(ask alice permit $address)" 403 "$address is forbidden"
done
tell alice "send $beside nine"
check "nothing is sent from the relay's own address" wait_for 10 drops relay \
    no_peer 4
is "$(cat "$T/outside.out" "$T/beside.out" | grep heard)" "" "nobody outside hears anything"

# With a way out.
start_turnd sfu -P clients -a 127.0.0.2/32 -l 127.0.0.1:0
talker dan udp sfu "$(username "@dan" example.org:8448)"
talker eve udp sfu "$(username "@eve" example.org:8448)"
is "$(ask dan permit $outside)" 0 "an allowed address"
tell dan "send $outside ten"
check "is reached" wait_for 10 grep -qx "heard ten" "$T/outside.out"
is "$(ask dan permit 127.0.0.3:53)" 403 "the one beside it is not"
is "$(ask dan permit 8.8.8.8:53)" 403 "nor is the world"
is "$(ask dan bind "$(relayed eve)")" 0 "users meet as ever"
is "$(ask eve bind "$(relayed dan)")" 0 "both permit it"
speaks dan eve eleven "by the table"
tell dan "send $beside twelve"
check "and nothing goes to the relay's own address" wait_for 10 drops sfu \
    no_peer 1
is "$(grep heard "$T/beside.out")" "" "nobody there hears anything"

# In "any", too.
start_turnd any -a 127.0.0.2/32 -l 127.0.0.1:0
talker fay udp any "$(username "@fay" example.org:8448)"
talker gil udp any "$(username $ours a)"
is "$(ask fay bind "$(relayed gil)")" 0 "any: a client of the relay is a peer"
is "$(ask gil bind "$(relayed fay)")" 0 "any: and the other way"
speaks fay gil thirteen "any: what was permitted arrives"
speaks gil fay fourteen "any: and back"
for name in relay sfu any; do
	check "$name ends" stop $name
done

finish
