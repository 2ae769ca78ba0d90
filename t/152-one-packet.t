#!/bin/sh
# One packet is lost, each in its turn, on the way to one switch and to two: a
# dial does not fail, and it is nearly always the nearest that wins. A busy
# switch is waited for and not taken for a proxy, a whole region races at once, a
# route that comes back is used, and a captive portal leaves nothing behind. The
# caller has no IPv6, and the name has addresses of both families.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/world/world.sh"
. "$(dirname "$0")/world/service.sh"
world_need

service_open
world_host ann dublin
world_host eve dublin
world_host sw1 london
world_host sw2 london
world_host portal london
world_host ns -
world_set "rtt ann sw1 60" "rtt ann sw2 120"
service_switch sw1
service_switch sw2
world_start
for host in ann eve sw1 sw2; do
	world_dns $host "$(world_addr ns)"
done
service_user ann
service_start sw1
service_start sw2
ip -n "$(world_ns ann)" -6 route del default

# dns LINE...: what the resolver says from now on.
dns() {
	stop dns
	rm -f "$T/dns.out"
	printf '%s\n' "$@" >"$T/table"
	# shellcheck disable=SC2046
	start dns $(world_in ns) perl "$RP_SRC/t/tools/resolver.pl" \
	    "$(world_addr ns):53" "$T/table"
	wait_for 5 test -s "$T/dns.out"
}
# of SWITCH...: their addresses of both families, as those of the service.
of() {
	for switch; do
		echo "$service_name A $(world_addr "$switch")"
		echo "$service_name AAAA $(world_addr6 "$switch")"
	done
}
# probe [HOST]
probe() {
	world_exec "${1:-ann}" rp-dial --probe --account "$T/ann.conf" \
	    --json "$T/probe.json" 2>"$T/err"
}
# outcomes: what became of both switches over IPv4; "-" is not raced.
outcomes() {
	for switch in sw1 sw2; do
		jq -r --arg a "$(world_addr $switch):31337" \
		    '[.multiconnect[] | select(.address == $a) | .outcome][0] //
		    "-"' "$T/probe.json"
	done | paste -sd ,
}
won() {
	jq -r '.switch.address // "none"' "$T/probe.json"
}
# lose HOST HOOK MATCH [VERDICT]: the next packet like that is lost there.
lose() {
	world_exec "$1" nft -f - <<-END
		table inet weather {
			chain lossy {
				type filter hook $2 priority 0;
				$3 limit rate 1/day burst 1 packets counter ${4:-drop}
			}
		}
	END
	lossy=$1
}
# lost: how many were.
lost() {
	world_exec "$lossy" nft list table inet weather |
	    sed -n 's/.*counter packets \([0-9]*\).*/\1/p'
	world_exec "$lossy" nft delete table inet weather
}
# count_hellos HOST: begin; hellos HOST: end, and print how many came.
count_hellos() {
	world_exec "$1" nft -f - <<-'END'
		table inet hellos {
			chain in {
				type filter hook input priority 0;
				tcp dport 31337 meta length > 200 counter
			}
		}
	END
}
hellos() {
	world_exec "$1" nft list table inet hellos |
	    sed -n 's/.*counter packets \([0-9]*\).*/\1/p'
	world_exec "$1" nft delete table inet hellos
}
forget() {
	rm -f "$T/ann.addresses" "$T/ann.tickets"
}

# The type of a question is 36 bytes into UDP, behind this name of 16.
packets='SYN|sw1|input|tcp dport 31337 tcp flags & (syn | ack) == syn
SYN-ACK|sw1|output|tcp sport 31337 tcp flags & (syn | ack) == (syn | ack)
ClientHello|sw1|input|tcp dport 31337 meta length > 200
ServerHello|sw1|output|tcp sport 31337 meta length > 200
answer with IPv4|ns|output|udp sport 53 @th,288,16 1
answer with IPv6|ns|output|udp sport 53 @th,288,16 28'
for switches in "sw1" "sw1 sw2"; do
	# shellcheck disable=SC2046,SC2086
	dns "$(of $switches)"
	echo "$packets" | while IFS='|' read -r name host hook match; do
		forget
		lose "$host" "$hook" "$match"
		probe </dev/null
		echo "$?|$(lost)|$(outcomes)|$name"
	done >"$T/matrix"
	while IFS='|' read -r status lost outcomes name; do
		is "$status $lost" "0 1" \
		    "to $switches: the first $name is lost, and a switch found"
		case $switches:$name in
		*sw2:SYN*)	# TCP repeats it after a second
			is "$outcomes" lost,won "the other one"
			;;
		*sw2:*)
			is "$outcomes" won,lost "the nearest"
			;;
		esac
	done <"$T/matrix"
done

# TCP alone repairs a lost ClientHello, and nobody else is asked meanwhile.
forget
count_hellos sw2
lose sw1 input "tcp dport 31337 meta length > 200"
probe
is "$(lost) $(outcomes) $(hellos sw2)" "1 won,lost 0" \
    "for a lost packet no other switch gets a ClientHello"

# A busy switch: something before it takes its time with each connection.
world_more sw1 2
# shellcheck disable=SC2046
start busy $(world_in sw1) perl -MIO::Socket::INET -MIO::Select -e '
	my ($to, $file, $listen) = (shift, shift, IO::Socket::INET->new(
	    LocalAddr => "0.0.0.0:9998", Listen => 64, ReuseAddr => 1));
	$SIG{CHLD} = "IGNORE";
	$| = 1;
	print "ready\n";
	while (my $in = $listen->accept) {
		next if fork;
		open my $f, "<", $file; my $ms = <$f>;
		select undef, undef, undef, $ms / 1000;
		my $out = IO::Socket::INET->new(PeerAddr => $to) or exit;
		my $both = IO::Select->new($in, $out);
		while (1) {
			for my $from ($both->can_read) {
				sysread $from, my $bytes, 65536 or exit;
				my $peer = $from == $in ? $out : $in;
				syswrite $peer, $bytes;
			}
		}
	}' "$(world_addr sw1):31337" "$T/busy.ms"
wait_for 5 test -s "$T/busy.out"
world_exec sw1 nft -f - <<-END
	table ip busy {
		chain in {
			type nat hook prerouting priority dstnat;
			ip daddr $(world_addr sw1 2) tcp dport 31337 redirect to :9998
		}
	}
END
busy="$service_name A $(world_addr sw1 2)"
dns "$busy"
for ms in 300 600; do
	forget
	echo $ms >"$T/busy.ms"
	for i in 1 2 3; do
		probe
		won
	done >"$T/winners"
	is "$(sort -u "$T/winners")" "$(world_addr sw1 2):31337" \
	    "a switch that is busy for $ms ms is found, each time"
	is "$(grep -c proxy "$T/ann.addresses")" 0 "and taken for no proxy"
done
# Twice as near as the other, and busier than anything that is on a way.
forget
dns "$busy" "$(of sw2)"
echo 200 >"$T/busy.ms"
count_hellos sw2
for i in 1 2 3; do
	probe
	won
done >"$T/winners"
is "$(sort -u "$T/winners") $(hellos sw2)" "$(world_addr sw1 2):31337 0" \
    "a busy switch is the nearest, and the others are not asked"
is "$(grep -c proxy "$T/ann.addresses")" 0 "nor is a proxy suspected"

# 24 switches with an address of each family: 23 are black holes.
forget
for i in $(seq 1 23); do
	echo "$service_name A 5.0.250.$i"
	echo "$service_name AAAA 2a05:0:250::$i"
done >"$T/holes"
dns "$(cat "$T/holes")" "$(of sw1)"
probe eve
is "$? $(jq -r '[.multiconnect[].outcome] | group_by(.) |
    map("\(.[0]) \(length)") | join(", ")' "$T/probe.json")" \
    "0 lost 47, won 1" "24 switches, all of their 48 addresses race at once"

# No route but to the name server, and it comes back when nobody was left.
dns "$(of sw1)"
ip -n "$(world_ns ann)" route add "$(world_addr ns)/32" dev wan0
ip -n "$(world_ns ann)" route del default
# shellcheck disable=SC2046
start away $(world_in ann) rp-dial --probe --account "$T/ann.conf" \
    --json "$T/probe.json"
# Does a socket listen to changes of addresses and routes, of both families?
watches() {
	world_exec ann cat /proc/net/netlink | awk '$4 == "00000550" { n++ }
	    END { exit !n }'
}
check "without a route the network is watched" wait_for 5 watches
ip -n "$(world_ns ann)" route add default dev wan0
join away
is "$? $(outcomes)" "0 won,-" "and the dial goes on when the route is back"
ip -n "$(world_ns ann)" route del default
start away $(world_in ann) rp-dial --probe --account "$T/ann.conf" \
    --json "$T/probe.json"
wait_for 5 watches
world_exec sw1 nft -f - <<-'END'
	table inet shut {
		chain in {
			type filter hook input priority 0;
			tcp dport 31337 reject with tcp reset
		}
	}
END
ip -n "$(world_ns ann)" route add default dev wan0
join away
is "$? $(outcomes)" "2 refused,-" "or ends, if that leads to a refusal"
world_exec sw1 nft delete table inet shut
ip -n "$(world_ns ann)" route del "$(world_addr ns)/32" dev wan0

# It is missing somewhere on the way, and this host hears of no change.
lose sw1 input "tcp dport 31337" "reject with icmp type host-unreachable"
probe
is "$? $(lost) $(outcomes)" "0 1 won,-" \
    "a router that had no route for a moment ends no dial"

# A slow one of either family joins as long as the race lasts.
dns "$(of sw1)" "$service_name A !late 6000"
probe
is "$? $(outcomes)" "0 won,-" "IPv4 addresses that come after six seconds"

# A captive portal answers every name, with itself; then DNS is gone.
forget
dns "$(of sw1 sw2)"
check "an answer that was good" probe
cp "$T/ann.addresses" "$T/good"
like "$(cut -d ' ' -f 3- "$T/good")" \
    "$(world_addr sw1).*$(world_addr6 sw2)|$(world_addr6 sw2).*$(world_addr sw1)" \
    "is remembered whole"
openssl_quiet req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -days 30 -subj "/CN=$service_name" -keyout "$T/portal.key" \
    -out "$T/portal.pem"
# shellcheck disable=SC2046
start portal $(world_in portal) openssl s_server -accept 31337 \
    -cert "$T/portal.pem" -key "$T/portal.key" -www
listens() {
	[ -n "$(world_exec portal ss -Htln sport = :31337)" ]
}
wait_for 5 listens
dns "$service_name A $(world_addr portal)"
probe
is $? 10 "a portal's certificate is not trusted"
is "$(cat "$T/ann.addresses")" "$(cat "$T/good")" \
    "and its address replaces nothing"
stop dns
probe
is "$? $(outcomes)" "0 won,lost" "what is remembered is raced without DNS"

# All of them at random: a slice of t/bench/race.
dns "$(of sw1 sw2)"
world_set "loss 2"
pids=
for host in ann eve; do
	{
		sed "s/number.*/number = \"$host-loss\";/" "$T/ann.conf" \
		    >"$T/$host-loss.conf"
		for i in $(seq 1 20); do
			world_exec $host rp-dial --probe --json - \
			    --account "$T/$host-loss.conf" >/dev/null \
			    2>"$T/$host-loss.err" || {
				echo "$i failed"
				cat "$T/$host-loss.err"
			}
		done
	} >"$T/$host.failed" 2>&1 &
	pids="$pids $!"
done
for pid in $pids; do
	wait "$pid"
done
is "$(cat "$T/ann.failed" "$T/eve.failed")" "" \
    "none of 40 dials fails for 2% of lost packets"
finish
