#!/bin/sh
# Look-ups against a real name server: both families together, CNAME chains,
# answers too long for UDP, duplicates and names that do not exist. Servers fail
# or stay silent, and one family comes later than the other or never. Addresses
# that only an attacker would give are refused.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dns.sh"
command -v knotd >/dev/null || skip_all "no knotd"

lookup=$RP_BUILD/t/tools/lookup
{
	cat <<-'ZONE'
	$ORIGIN example.
	$TTL 60
	@	SOA ns hostmaster 1 3600 600 86400 60
	@	NS ns
	ns	A 192.0.2.53
	both	A 192.0.2.1
	both	A 192.0.2.2
	both	AAAA 2001:db8::1
	four	A 192.0.2.4
	six	AAAA 2001:db8::6
	text	TXT "no address"
	one	CNAME two
	two	CNAME three
	three	CNAME both
	round	CNAME about
	about	CNAME round
	hostile	A 127.0.0.1
	hostile	A 0.0.0.0
	hostile	A 255.255.255.255
	hostile	AAAA ::1
	hostile	AAAA ::ffff:127.0.0.1
	hostile	AAAA ff02::1
	mixed	A 0.0.0.0
	mixed	A 192.0.2.9
	ZONE
	i=1
	while [ $i -le 200 ]; do
		printf 'many\tA 192.0.2.%d\nmany\tAAAA 2001:db8::%x\n' $i $i
		i=$((i + 1))
	done
} >"$T/example.zone"
p=$(dns_port)
start_knot ns "127.0.0.1@$p" example. "$T/example.zone" broken. "$T/none.zone"
at=127.0.0.1:$p

is "$("$lookup" both.example "$at" | sort | tr '\n' ' ')" \
    "192.0.2.1 192.0.2.2 2001:db8::1 " "both families come together"
is "$("$lookup" four.example "$at")" 192.0.2.4 "a name with IPv4 only"
is "$("$lookup" six.example "$at")" 2001:db8::6 "a name with IPv6 only"
is "$("$lookup" one.example "$at" | sort | tr '\n' ' ')" \
    "192.0.2.1 192.0.2.2 2001:db8::1 " "a chain of CNAMEs is followed"
like "$("$lookup" round.example "$at")" "^error (EAGAIN|ENOENT):" \
    "a circle of CNAMEs is an error"

kdig -p "$p" @127.0.0.1 many.example A +ignore +bufsize=1232 >"$T/udp" 2>&1
check "200 addresses do not fit into UDP" grep -q "Flags: qr aa.* tc" "$T/udp"
"$lookup" many.example "$at" >"$T/many"
is "$(wc -l <"$T/many")" 400 "the truncated answers are asked for over TCP"
is "$(sort -u "$T/many" | wc -l)" 400 "no address comes twice"
is "$(head -n 32 "$T/many" | grep -c :)" 16 "the families take turns"

like "$("$lookup" none.example "$at")" "^error ENOENT:" "NXDOMAIN"
like "$("$lookup" text.example "$at")" "^error ENOENT:" "no address"
like "$("$lookup" x.broken "$at")" "^error EAGAIN:" "SERVFAIL"
like "$("$lookup" x.elsewhere "$at")" "^error EAGAIN:" "REFUSED"
like "$("$lookup" "..bad..name" "$at")" "^error ENOENT:" "not a name"

like "$("$lookup" hostile.example "$at")" "^error EAGAIN:.*public" \
    "0.0.0.0, multicast and loopback are nobody's public address"
is "$("$lookup" mixed.example "$at")" 192.0.2.9 \
    "the others of such an answer stay"
is "$("$lookup" 127.0.0.1 "$at")" 127.0.0.1 "an address answers itself"
is "$("$lookup" ::1 "$at")" ::1 "an IPv6 address as well"
like "$("$lookup" localhost "$at" | tr '\n' ' ')" "127.0.0.1" \
    "localhost is this host"
like "$("$lookup" localhost | tr '\n' ' ')" "127.0.0.1" \
    "the hosts file is asked before the system's name servers"

# A server that says nothing: a socket that nobody reads.
start silent perl -MIO::Socket::INET -e '$| = 1;
	my $u = IO::Socket::INET->new(Proto => "udp",
	    LocalAddr => "127.0.0.1", LocalPort => 0) or die;
	print $u->sockport, "\n"; sleep 600'
wait_for 5 test -s "$T/silent.out"
silent=127.0.0.1:$(cat "$T/silent.out")
like "$("$lookup" both.example "$silent" 300)" "^error ETIMEDOUT:" \
    "a silent server costs the deadline and no more"
is "$("$lookup" four.example "$silent,$at")" 192.0.2.4 \
    "the next server is asked where the first is silent"
like "$("$lookup" four.example "127.0.0.1:$(dns_port)" 2000)" \
    "^error (EAGAIN|ETIMEDOUT):" "no server at all"

# A server that takes 30 ms more for AAAA, and a loop that comes late: then the
# answer and the end of the wait for it fall into one turn, and only one counts.
start slow perl -MIO::Socket::INET -e '$| = 1;
	my $u = IO::Socket::INET->new(Proto => "udp",
	    LocalAddr => "127.0.0.1", LocalPort => 0) or die;
	print $u->sockport, "\n";
	while (my $from = recv($u, my $q, 512, 0)) {
		my $end = 12;
		$end += 1 + unpack "x${end}C", $q while unpack "x${end}C", $q;
		my $type = unpack "n", substr $q, $end + 1, 2;
		my $ip = $type == 1 ? pack("C4", 192, 0, 2, 8) : pack("H32",
		    "20010db8000000000000000000000008");
		my $a = substr($q, 0, 2) . pack("n5", 0x8180, 1, 1, 0, 0) .
		    substr($q, 12, $end - 7) . pack("nnnNn", 0xc00c, $type, 1,
		    60, length $ip) . $ip;
		next if $type == 28 && fork;
		select undef, undef, undef, 0.03 if $type == 28;
		send $u, $a, 0, $from;
		exit 0 if $type == 28;
	}'
wait_for 5 test -s "$T/slow.out"
slow=127.0.0.1:$(cat "$T/slow.out")
# A busy machine may make more of the 30 ms, so one of many look-ups is enough:
# who does not wait has IPv4 only, each time.
both() {
	[ "$("$lookup" slow.example "$slow" | sort | tr '\n' ' ')" = \
	    "192.0.2.8 2001:db8::8 " ]
}
check "a slow AAAA is waited for a little" wait_for 5 both
is "$(LOOKUP_LATE_MS=300 "$lookup" slow.example "$slow" | sort | uniq -d)" "" \
    "an answer and the end of the wait for it in one turn are told once"

# One family is at hand, and the other takes its time, or never comes.
cat >"$T/table" <<-'END'
	late.example AAAA 2001:db8::1
	late.example A 192.0.2.1
	late.example A !late 400
	lost.example AAAA 2001:db8::1
	lost.example AAAA !lose 1
	lost.example A 192.0.2.1
	never.example AAAA 2001:db8::1
	never.example A !lose 99
	broken.example AAAA 2001:db8::1
	broken.example A !rcode 2
	six.example AAAA 2001:db8::6
	six.example A !rcode 3
	slow.example AAAA 2001:db8::1
	slow.example A 192.0.2.1
	slow.example A !late 2600
END
odd=127.0.0.1:$(dns_port)
start odd perl "$RP_SRC/t/tools/resolver.pl" "$odd" "$T/table"
wait_for 5 test -s "$T/odd.out"
found() {
	"$lookup" "$@" | tr '\n' ' '
}
is "$(found late.example "$odd")" "2001:db8::1 later: 192.0.2.1 " \
    "what a slow family has is told when it comes"
is "$(found lost.example "$odd")" "192.0.2.1 later: 2001:db8::1 " \
    "and what one has whose first packet was lost"
is "$(found never.example "$odd" 600)" "2001:db8::1 later: missing: IPv4 \
addresses: no answer from DNS in time " "that it never came is said at the end"
like "$(found broken.example "$odd")" "^2001:db8::1 missing: IPv4 addresses: " \
    "that it cannot be had is said at once"
is "$(found six.example "$odd")" "2001:db8::6 " \
    "that there is none is an answer, and nothing is waited for"

# The last good answer is used when DNS fails, and only then.
cache=$T/cache
"$lookup" both.example "$at" 0 "$cache" >/dev/null
"$lookup" four.example "$at" 0 "$cache" >/dev/null
"$lookup" both.example "$at" 0 "$cache" >/dev/null
is "$(cut -d ' ' -f 1 "$cache" | tr '\n' ' ')" "both.example four.example " \
    "the last good answer of each name is kept"
is "$(stat -c %a "$cache")" 600 "for this user alone"
like "$("$lookup" Both.example "$silent" 300 "$cache")" \
    "^note: no answer.*last good answer, 0 minutes old" \
    "it is used when DNS is down, with its age"
is "$("$lookup" both.example "$silent" 300 "$cache" | grep -v note | sort |
    tr '\n' ' ')" "192.0.2.1 192.0.2.2 2001:db8::1 " "whole"
sed -i "s/^\(four.example\) [0-9]*/\1 $(($(date +%s) - 50000))/" "$cache"
like "$("$lookup" four.example "$silent" 300 "$cache")" "13 hours old" \
    "an older one as well"
sed -i "s/^\(four.example\) [0-9]*/\1 $(($(date +%s) - 86400 * 31))/" "$cache"
like "$("$lookup" four.example "$silent" 300 "$cache")" "^error ETIMEDOUT:" \
    "but not after a month"
# What one family has does not wipe out what the other had, nor make it young.
then=$(($(date +%s) - 3630))
for name in never slow broken six; do
	echo "$name.example $then 2001:db8::44 192.0.2.44"
done >"$cache"
is "$(found never.example "$odd" 600 "$cache")" "2001:db8::1 later: note: IPv4 \
addresses: no answer from DNS in time; using the last good answer, 60 minutes \
old 192.0.2.44 " "the last good answer of one family that does not come"
is "$(grep never "$cache")" "never.example $then 2001:db8::1 192.0.2.44" \
    "which keeps it, with its age"
like "$(found slow.example "$odd" 0 "$cache")" "^2001:db8::1 later: note: .* \
192.0.2.44 later: 192.0.2.1 $" "DNS still is heard after that"
like "$(found broken.example "$odd" 600 "$cache")" \
    "^2001:db8::1 later: note: .* 192.0.2.44 $" \
    "and so is it of one that cannot be had"
is "$(found six.example "$odd" 600 "$cache")" "2001:db8::6 " \
    "but not of one that is no more"
is "$(awk '/slow|six/ { $2 = ""; print }' "$cache" | sort)" \
    "six.example  2001:db8::6
slow.example  2001:db8::1 192.0.2.1" "what DNS has said is the last good answer"
printf 'x\nx y\nx y z\nhostile.example %s 192.0.2.77 nonsense\n\377\n' \
    "$(date +%s)" >"$cache"
is "$("$lookup" hostile.example "$at" 0 "$cache" | tail -n 1)" 192.0.2.77 \
    "a hostile answer is a failure too; rubbish in the file is passed over"
printf 'none.example %s 192.0.2.77\n' "$(date +%s)" >"$cache"
like "$("$lookup" none.example "$at" 0 "$cache")" "^error ENOENT:" \
    "a name that is no more is not dialled from memory"
finish
