#!/bin/sh
# --probe tells what network this is: the name servers, the families with a
# route, DNS64, a portal, a clock that is off. For each failure it says what to
# do, in the words of a call, and a certificate's wrong name, dates and authority
# have words of their own.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/world/world.sh"
. "$(dirname "$0")/world/service.sh"
. "$(dirname "$0")/world/weather.sh"
world_need
cd "$T" || exit 1

service_open
world_host ann dublin
world_host four dublin
world_host none dublin
world_host sw1 dublin
world_host portal dublin
world_host ns -
service_switch sw1
world_start
service_user ann
service_start sw1
for host in ann four none; do
	world_dns $host "$(world_addr ns)"
done
weather_four four
weather_four none
ip -n "$(world_ns none)" route del default

# dns LINE...: what the resolver says from now on, besides the service's name.
dns() {
	stop dns
	rm -f dns.out
	printf '%s\n' "$service_name A ${at:-$(world_addr sw1)}" "$@" >table
	# shellcheck disable=SC2046
	start dns $(world_in ns) perl "$RP_SRC/t/tools/resolver.pl" \
	    "$(world_addr ns):53" table
	wait_for 5 test -s dns.out
}
# probe HOST [ARGUMENT...]: its status is the probe's; its words are in err.
probe() {
	rm -f ann.addresses ann.tickets
	world_exec "$1" rp-dial --probe --account ann.conf --json - \
	    2>err >json
}
network() {
	jq -c ".network | $1" json
}

dns
check "a switch is found" probe ann
is "$(network '[.name_servers, .ipv4, .ipv6]')" \
    "[[\"$(world_addr ns)\"],\"$(world_addr ann)\",\"$(world_addr6 ann)\"]" \
    "from these addresses, with this name server"
is "$(network '[.dns64, .portal, .clock_off]')" '[null,false,false]' \
    "and nothing is odd about this network"
is "$(cat err)" "" "so there is nothing to warn of"
like "$(world_exec ann rp-dial --probe --account ann.conf)" \
    "^network: IPv4 from [0-9.]+, IPv6 from 2a05:[0-9a-f:]+, name servers [0-9.]+
\* " "a line says so before the race"
check "a network without IPv6" probe four
is "$(network '[.ipv4 != null, .ipv6]')" '[true,null]' "is told"
probe none
is $? 2 "a host without a route finds no switch"
like "$(cat err)" "network: no route to anywhere" "and is told so"
is "$(network '[.ipv4, .ipv6]')" '[null,null]' "in JSON as well"

dns "ipv4only.arpa AAAA 64:ff9b::c000:aa"
check "behind DNS64" probe ann
is "$(network .dns64)" '"64:ff9b::/96"' "its prefix is told"
dns "ipv4only.arpa AAAA 2001:db8:1:c000:0:aa00::"
probe ann
is "$(network .dns64)" '"2001:db8:1::/48"' "also one of another length"

# Who is asked for an address of this host asks nobody about the network.
world_exec ann rp-dial --probe --ca ca.pem --switch "$(world_addr sw1)" \
    --json - >json 2>err
like "$?$(cat err)" "10.*another name" "an address in place of the name"
is "$(network '[.dns64, .portal]')" '[null,false]' "asks nobody"

# https NAME DATES...: somebody's web server at the portal, with a certificate
# for that name by the authority of this world.
https() {
	stop https
	openssl_quiet req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -subj "/CN=$1" -keyout https.key -out https.csr
	printf 'subjectAltName = DNS:%s\n' "$1" >https.ext
	shift
	"$@" openssl x509 -req -in https.csr -CA ca.pem -CAkey ca.key \
	    -CAcreateserial -days 5 -extfile https.ext -out https.pem \
	    2>openssl.err || give_up "a certificate" openssl.err
	# shellcheck disable=SC2046
	start https $(world_in portal) openssl s_server -accept 31337 -quiet \
	    -cert https.pem -key https.key
	wait_for 10 listens portal
}
listens() {
	world_exec "$1" ss -Hltn sport = :31337 | grep -q LISTEN
}
at=$(world_addr portal)
https login.portal.test
dns "rp-probe.invalid A $at"
probe ann
is $? 10 "a portal that answers for everybody is not trusted"
like "$(cat err)" "another name \(login.portal.test\): is the name right" \
    "its certificate's name is told"
like "$(cat err)" "network: .* as a portal does: log in" "and what it may be"
is "$(network .portal)" true "in JSON as well"
is "$(grep -c "check ca" err)" 0 "nobody is sent to look at the authority"
world_exec ann rp-dial --account ann.conf --duration 1 bob 2>err
is $? 10 "a call is told"
like "$(cat err)" "another name \(login.portal.test\): is the name right" \
    "the same"

# The dates: those of the certificate, and this host's.
dns
if command -v faketime >/dev/null && [ "${RP_SANITIZERS:-no}" = no ]; then
	https "$service_name" faketime -f -10d
	probe ann
	like "$?$(cat err)" \
	    "10.*has expired \(valid until 20[-0-9]+, and the clock of this host says 20[-0-9]+\): is the clock right" \
	    "a certificate that has expired, and what the clock says"
	https "$service_name" faketime -f +10d
	probe ann
	like "$?$(cat err)" \
	    "10.*not valid yet \(valid from 20[-0-9]+, and the clock" \
	    "one that is not valid yet"
	world_exec ann faketime "2020-02-02 00:00:00" rp-dial --probe \
	    --account ann.conf --json - >json 2>err
	like "$(cat err)" "clock of this host says 2020-02-0[12], which is" \
	    "a clock that is off is known by itself"
	is "$(network .clock_off)" true "in JSON as well"
else
	skip "clocks" "needs faketime and no sanitizer"
fi
stop https
openssl_quiet req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -days 5 -subj "/CN=x" -addext "subjectAltName=DNS:$service_name" \
    -keyout https.key -out https.pem
# shellcheck disable=SC2046
start https $(world_in portal) openssl s_server -accept 31337 -quiet \
    -cert https.pem -key https.key
wait_for 10 listens portal
probe ann
like "$?$(cat err)" "10.*not from an authority that we trust: check ca in ann.conf" \
    "only for the authority one is sent to the key ca"
stop https

# What does not speak TLS.
# shellcheck disable=SC2046
start http $(world_in portal) perl -MIO::Socket::INET -e '
	my $s = IO::Socket::INET->new(LocalPort => 31337, Listen => 5,
	    ReuseAddr => 1) or die;
	while (my $c = $s->accept) { print $c "HTTP/1.1 400 No\r\n\r\n"; }'
wait_for 10 listens portal
probe ann
like "$?$(cat err)" "2.*no TLS there: is it the right port" \
    "a web server on the port is told"
stop http
probe ann
like "$?$(cat err)" "2.*refused: is it up, and is this its name and port" \
    "and nobody there, with what to do"
finish
