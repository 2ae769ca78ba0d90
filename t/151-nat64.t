#!/bin/sh
# Networks of one family: behind NAT64 and DNS64 (RFC 6146, 6147), where a host
# has IPv6 only and the switch IPv4 only, calls are made and are heard, and each
# way to the relay works. So it is on a host with IPv4 only, whose switch has
# both but its relay for UDP on IPv6. What a switch calls its address is of no
# use there; the address that won the race is. A call stays when its host moves
# from the one network to the other, and back. In namespaces of its own.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/heard.sh"
own_network "$0" "$@"
command -v tayga >/dev/null || skip_all "no tayga"
unshare -m true 2>/dev/null || skip_all "needs mount namespaces"
command -v espeak-ng >/dev/null || skip_all "no espeak-ng"
[ -c /dev/net/tun ] || skip_all "no /dev/net/tun"
[ -e /etc/resolv.conf ] && [ -e /etc/hosts ] ||
    skip_all "needs a resolv.conf and a hosts file to cover"
cd "$T" || exit 1

# This namespace is the Internet: the switch, NAT64, DNS64 and bob are in it.
v4=5.3.1.1
v6=2a05:3:1::1
nat=64:ff9b::503:101
ip address add $v4/32 dev lo && ip address add $v6/128 dev lo ||
    skip_all "needs IPv6"
sysctl -q -w net.ipv6.conf.all.forwarding=1 net.ipv4.ip_forward=1 ||
    skip_all "cannot forward"
mkdir nat64
cat >nat64/conf <<END
tun-device nat64
ipv4-addr 192.168.255.1
ipv6-addr 2a05:64:1::1
prefix 64:ff9b::/96
dynamic-pool 192.168.255.0/24
data-dir $T/nat64
END
tayga -c nat64/conf --mktun >nat64/out 2>&1 || skip_all "tayga makes no TUN"
ip link set nat64 up
ip route add 192.168.255.0/24 dev nat64
ip route add 64:ff9b::/96 dev nat64
start tayga tayga -c nat64/conf -d

# site NAME: a namespace joined to this one by r-NAME and u0, with a
# resolv.conf and a hosts file of its own; "in_site NAME" runs things there.
site() {
	mkdir "$1.etc"
	: >"$1.etc/hosts"
	echo "nameserver $2" >"$1.etc/resolv.conf"
	start "$1" unshare -nm sh -c 'mount --bind "$0/hosts" /etc/hosts &&
	    mount --bind "$0/resolv.conf" /etc/resolv.conf &&
	    echo ready && exec sleep 600' "$T/$1.etc"
	wait_for 10 test -s "$1.out" || give_up "the site $1" "$1.err"
	ip link add "r-$1" type veth peer name u0 netns "$(cat "$1.pid")"
	ip link set "r-$1" up
	in_site "$1" ip link set lo up
	in_site "$1" ip link set u0 up
}
entry() {
	echo nsenter -t "$(cat "$T/$1.pid")" -n -m --wd="$T"
}
in_site() {
	rp_entry=$(entry "$1")
	shift
	$rp_entry "$@"
}

# New ones have IPv6 only, old ones IPv4 only.
site new 2a05:64::1
ip address add 2a05:64::1/64 dev r-new nodad
ip address add 5.3.8.1/24 dev r-new
echo "nameserver 5.3.8.1" >>new.etc/resolv.conf
to_v6() {
	in_site new ip address add 2a05:64::2/64 dev u0 nodad
	in_site new ip route add default via 2a05:64::1
}
to_v6
site old 5.3.9.1
ip address add 5.3.9.1/24 dev r-old
in_site old ip address add 5.3.9.2/24 dev u0
in_site old ip route add default via 5.3.9.1
cat >table <<END
switch.rp.test A $v4
both.rp.test A $v4
both.rp.test AAAA $v6
END
{
	cat table
	echo "switch.rp.test AAAA $nat"
	echo "ipv4only.arpa AAAA 64:ff9b::c000:aa"
} >table64
start dns64 perl "$RP_SRC/t/tools/resolver.pl" '[2a05:64::1]:53' table64
start dns perl "$RP_SRC/t/tools/resolver.pl" 5.3.9.1:53 table
start dns4 perl "$RP_SRC/t/tools/resolver.pl" 5.3.8.1:53 table
wait_for 10 test -s dns64.out -a -s dns.out -a -s dns4.out

# begin_switch NAME RELAY: the switch of this name, and bob, who is at its site.
begin_switch() {
	for rp_name in alice bob; do
		printf '%s = "%s";\n' number $rp_name token \
		    "$(cat "switch.d/$rp_name.token")" switch "$1:$port" \
		    ca "$T/$1.pem" identity "$T/$rp_name.identity.pem" \
		    known_peers "$T/$1.$rp_name.known_peers" >"$rp_name.conf"
	done
	cat >switch.conf <<-END
	name = "$1";
	call = { listen = ["$v4:$port", "[$v6]:$port"]; };
	answer = { listen = ["$v4:0", "[$v6]:0"]; };
	tls = { certificate = "$1.pem"; key = "$1.key"; };
	directory = "sqlite:switch.d/rp.db";
	control = "switch.d/control";
	push = { command = "exec rp-pushsend --dev"; };
	relay = { secret = "north-south-east-west"; $2 };
	END
	rm -f switch.ready
	start switch rp-switchd -c switch.conf --ready-file switch.ready
	wait_for 20 test -s switch.ready || give_up "rp-switchd starts" switch.err
}
port=31337
start_switch switch
stop switch
for name in switch.rp.test both.rp.test; do
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -days 2 -subj /CN=$name -addext "subjectAltName=DNS:$name,IP:$v4" \
	    -keyout $name.key -out $name.pem 2>/dev/null
done
printf '%s switch.rp.test\n%s both.rp.test\n' $v4 $v4 >hosts
espeak-ng -w spoken.wav "You hear me, wherever I am."

answer_calls() {
	start bob unshare -m sh -c 'mount --bind "$0/hosts" /etc/hosts &&
	    exec "$@"' "$T" rp-dial --account bob.conf --answer --echo --once \
	    --ready-file bob.ready
	wait_for 10 test -s bob.ready || give_up "bob is ready" bob.err
}

# call SITE: alice calls bob from there, who says back what he hears.
call() {
	answer_calls
	in_site "$1" rp-dial --account alice.conf --in spoken.wav \
	    --out "$1.wav" --json "$1.json" bob >call.out 2>&1
	rp_called=$?
	join bob
	rm -f bob.ready
	cat call.out
	return $rp_called
}
race_of() {
	jq -r '.multiconnect[] | select(.outcome == "won") | .address' "$1.json"
}

# Behind NAT64.
begin_switch switch.rp.test "listen = \"$v4:0\"; tcp_listen = \"$v4:0\";
    tls_listen = \"$v4:0\";"
check "NAT64: the relay works" in_site new rp-dial --account alice.conf \
    --probe --relay --json new.relay.json
is "$(jq -c '[.relay.ways[] | "\(.transport) \(.works)"]' new.relay.json)" \
    '["udp true","tcp true","tls true"]' "NAT64: by each way"
check "NAT64: a call" until_heard "spoken.wav new.wav 0.8" call new
like "$(race_of new)" "^\[$nat\]:$port$" \
    "NAT64: the race was won by a translated address"
check "NAT64: what was said is heard" fits spoken.wav new.wav 0.8

# Another network, in mid-call.
more() {
	media_mark
	wait_for 10 media_grows 50
}
answer_calls
# shellcheck disable=SC2046
start alice $(entry new) rp-dial --account alice.conf --duration 120 bob
wait_for 20 media_is true && more || fail "NAT64: they talk"
in_site new ip route del default via 2a05:64::1
in_site new ip address del 2a05:64::2/64 dev u0
in_site new ip address add 5.3.8.2/24 dev u0
in_site new ip route add default via 5.3.8.1
check "NAT64: the call stays when its host has IPv4 only" more
in_site new ip address del 5.3.8.2/24 dev u0
to_v6
check "NAT64: and when it is back" more
stop alice INT
is $? 0 "NAT64: it completes"
join bob
rm -f bob.ready

# A literal address, without a name that DNS64 could translate.
check "NAT64: the switch by its IPv4 address" in_site new rp-dial --probe \
    --ca switch.rp.test.pem --switch "$v4:$port" --json literal.json
is "$(race_of literal)" "[$nat]:$port" "NAT64: it is translated"
echo north-south-east-west >secret
check "NAT64: the relay by its IPv4 address" in_site new rp-dial --probe \
    --relay-secret secret --relay-url "turn:$(ready switch.ready turn)"
stop switch

# IPv4 only.
begin_switch both.rp.test "listen = \"[$v6]:0\"; tcp_listen = [\"$v4:0\",
    \"[$v6]:0\"]; tls_listen = [\"$v4:0\", \"[$v6]:0\"];"
in_site old rp-dial --account alice.conf --probe --relay --json old.relay.json \
    >old.out 2>&1
like "$(jq -c '[.relay.ways[] | "\(.transport) \(.works)"]' old.relay.json)" \
    '^\["udp false","tcp true"' "IPv4 only: the relay works by TCP"
check "IPv4 only: a call" until_heard "spoken.wav old.wav 0.8" call old
is "$(race_of old)" "$v4:$port" "IPv4 only: the race"
check "IPv4 only: what was said is heard" fits spoken.wav old.wav 0.8
finish
