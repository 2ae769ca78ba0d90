#!/bin/sh
# Whatever resolver a network has, a switch is found by it: one from before
# EDNS, in each way it may fail; a link-local one, as router advertisements name
# it; the second, where the first is dead. So it is by what the host itself
# says: all lines of the hosts file, the local domains, a name with its last
# dot. And if there is no resolver, that is said.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dns.sh"
own_network "$0" "$@"
unshare -m true 2>/dev/null || skip_all "needs mount namespaces"
[ -e /etc/resolv.conf ] && [ -e /etc/hosts ] ||
    skip_all "needs a resolv.conf and a hosts file to cover"

# with_files COMMAND...: with $T/resolv.conf and $T/hosts for the host's.
: >"$T/hosts"
with_files() {
	unshare -m sh -c 'mount --bind "$0/resolv.conf" /etc/resolv.conf &&
	    mount --bind "$0/hosts" /etc/hosts && exec "$@"' "$T" "$@"
}
# What a busy machine is told later counts as well.
found() {
	with_files "$RP_BUILD/t/tools/lookup" "$@" 2>&1 | grep -v '^later:$' |
	    sort | tr '\n' ' '
}

# serve NAME ADDRESS [EDNS]: a resolver at port 53 of that address.
serve() {
	rp_served=$1
	rp_at=$2
	shift 2
	start "$rp_served" perl "$RP_SRC/t/tools/resolver.pl" "$rp_at:53" \
	    "$T/table" "$@"
	wait_for 10 test -s "$T/$rp_served.out" ||
	    give_up "resolver.pl starts" "$T/$rp_served.err"
}
conf() {
	printf '%s\n' "$@" >"$T/resolv.conf"
}
cat >"$T/table" <<'END'
	four.example A 192.0.2.4
	six.example AAAA 2001:db8::6
	both.example A 192.0.2.1
	both.example AAAA 2001:db8::1
	half.example A 192.0.2.5
	half.example AAAA !rcode 1
	odd.example A 192.0.2.7
	odd.example AAAA !rcode 4
	bare.example A !rcode 3
	bare.example AAAA !rcode 3
	bare.example.lan.example A 192.0.2.8
	short.lan.example A 192.0.2.9
	four.example.lan.example A 192.0.2.66
	ipv4only.arpa AAAA 2001:db8:64:c000:0:aa00::
	ipv4only.arpa AAAA 2001:db8:64:c000:0:ab00::
END

# Resolvers without EDNS.
n=10
for edns in 1 headless 4 2 silence; do
	n=$((n + 1))
	serve "edns$n" 127.0.0.$n $edns
	conf "nameserver 127.0.0.$n"
	is "$(found four.example)" "192.0.2.4 " \
	    "IPv4 by a resolver that answers EDNS with $edns"
	is "$(found both.example)" "192.0.2.1 2001:db8::1 " "and both families"
done

# A family of its own ill luck.
serve plain 127.0.0.20
conf "nameserver 127.0.0.20"
like "$(found half.example)" "^192\.0\.2\.5 missing: IPv6 " \
    "a FORMERR for AAAA leaves the A"
like "$(found odd.example)" "^192\.0\.2\.7 missing: IPv6 " \
    "so does a NOTIMP, asked as often as it may be"

# Dead servers.
conf "nameserver 127.0.0.99" "nameserver 127.0.0.20"
is "$(found both.example)" "192.0.2.1 2001:db8::1 " \
    "a first server where nothing listens"
conf "nameserver 192.0.2.53" "nameserver 2001:db8::53" "nameserver 127.0.0.20"
is "$(found both.example)" "192.0.2.1 2001:db8::1 " \
    "first servers to which there is no route"
start silent perl -MIO::Socket::INET -e '$| = 1;
	my $u = IO::Socket::INET->new(Proto => "udp",
	    LocalAddr => "127.0.0.98:53") or die;
	print "ready\n"; sleep 600'
wait_for 10 test -s "$T/silent.out"
conf "nameserver 127.0.0.98" "nameserver 127.0.0.20"
is "$(found both.example)" "192.0.2.1 2001:db8::1 " \
    "a first server that is silent"

# Link-local servers. The first of the two with the same address is dead.
if ip link add d0 type veth peer name d1 2>/dev/null &&
    ip link set d0 up && ip link set d1 up &&
    ip address add fe80::53/64 dev d0 nodad &&
    ip address add fe80::53/64 dev d1 nodad; then
	serve local '[fe80::53%d1]'
	conf "nameserver fe80::53%d1"
	is "$(found both.example)" "192.0.2.1 2001:db8::1 " \
	    "a link-local resolver with its zone"
	conf "nameserver fe80::53%d0" "nameserver fe80::53%d1"
	is "$(found both.example)" "192.0.2.1 2001:db8::1 " \
	    "of two with one address, in two zones"
	conf "nameserver fe80::53%$(ip -o link show d1 | cut -d : -f 1)"
	is "$(found four.example)" "192.0.2.4 " "with its zone as a number"
	conf "nameserver fe80::53%d1"
	like "$(with_files rp-dial --probe --switch none.example 2>&1)" \
	    "name servers fe80::53%d1$" "and --probe names it"
	conf "nameserver fe80::53%gone" "nameserver 127.0.0.20"
	is "$(found four.example)" "192.0.2.4 " \
	    "a zone that is no more leaves the others"
else
	skip "link-local resolvers" "needs veth"
fi

# An IPv4 address, where only IPv6 has routes: as NAT64 has it (RFC 7050).
conf "nameserver 127.0.0.20"
is "$(found 203.0.113.5)" "2001:db8:64:cb00:71:500:: 203.0.113.5 " \
    "an address without a route is translated with the network's prefix"
is "$(found 127.0.0.5)" "127.0.0.5 " "one with a route is not"
conf "nameserver 127.0.0.99"
is "$(found 203.0.113.5)" "203.0.113.5 " "nor is one where there is no prefix"

# No server, or none that answers.
conf "# nothing"
like "$(found four.example)" "error EAGAIN: /etc/resolv.conf names no name \
server, and none answers at 127.0.0.1" "that no server is named is said"
serve libc 127.0.0.1
is "$(found four.example)" "192.0.2.4 " "then 127.0.0.1 is asked, as by libc"
conf "nameserver 127.0.0.99"
like "$(found four.example)" \
    "error EAGAIN: no answer from the name server 127\.0\.0\.99" \
    "that one does not answer is said, with its address"

# Local domains.
conf "nameserver 127.0.0.20" "search lan.example"
is "$(found short)" "192.0.2.9 " "a short name is one of the local domain"
like "$(found bare.example)" "^error ENOENT: " "a name with a dot is none"
conf "nameserver 127.0.0.20" "search lan.example" "options ndots:2"
is "$(found bare.example)" "192.0.2.8 " "unless ndots wants more dots"
is "$(found four.example)" "192.0.2.4 " "and even then it comes first as it is"
like "$(found bare.example.)" "^error ENOENT: " "with its last dot it is full"
is "$(found both.example.)" "192.0.2.1 2001:db8::1 " "and is looked up"

# The hosts file, without a resolver.
conf "nameserver 127.0.0.99"
cat >"$T/hosts" <<'END'
# 192.0.2.9 switch.example
192.0.2.31	switch.example
192.0.2.32	other.example Switch.Example more.example # the second
2001:db8::31	switch.example
192.0.2.33	switch.example.org
192.0.2.31	switch.example
no-address	switch.example
2001:db8::32	switch.example switch
END
is "$(found switch.example)" \
    "192.0.2.31 192.0.2.32 2001:db8::31 2001:db8::32 " \
    "all lines of the hosts file, both families"
is "$(found SWITCH.example.)" \
    "192.0.2.31 192.0.2.32 2001:db8::31 2001:db8::32 " \
    "whatever its letters, and with its last dot"
is "$(found switch)" "2001:db8::32 " "by any of a line's names"

# A switch by its full name with the dot: the certificate's name is without.
conf "nameserver 127.0.0.99"
mkdir "$T/tls"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
    -subj /CN=switch.example -addext subjectAltName=DNS:switch.example \
    -keyout "$T/tls/key.pem" -out "$T/tls/cert.pem" 2>/dev/null
echo "127.0.0.1 switch.example" >"$T/hosts"
start_switch switch
stop switch
cp "$T/tls/cert.pem" "$T/tls/key.pem" "$T/switch.d/"
cat >"$T/switch.conf" <<'END'
name = "switch.example";
call = { listen = "127.0.0.1:0"; };
answer = { listen = "127.0.0.1:0"; };
tls = { certificate = "switch.d/cert.pem"; key = "switch.d/key.pem"; };
directory = "sqlite:switch.d/rp.db";
control = "switch.d/control";
push = { command = ""; };
relay = { listen = "127.0.0.1:0"; };
END
rm -f "$T/switch.ready"
start switch rp-switchd -c "$T/switch.conf" --ready-file "$T/switch.ready"
wait_for 20 test -s "$T/switch.ready" ||
    give_up "rp-switchd starts" "$T/switch.err"
call=$(port "$(ready "$T/switch.ready" call)")
check "a switch is dialled by its name with the last dot" with_files rp-dial \
    --probe --ca "$T/tls/cert.pem" --switch "switch.example.:$call"
finish
