#!/bin/sh
# rp-dial --probe --relay-url tells of any TURN server whether it works: coturn
# as others run it, by static users and by a secret, over UDP, TCP and TLS, at
# addresses of both families. It names what is wrong, each made for real.
# Runs in a network namespace of its own.
. "$(dirname "$0")/lib.sh"
own_network "$0" "$@"
. "$(dirname "$0")/turn.sh"
command -v openssl >/dev/null || skip_all "needs openssl"
command -v turnserver >/dev/null || skip_all "needs coturn"
unshare -m true 2>/dev/null || skip_all "needs mount namespaces"
cd "$T" || exit 1

v4=198.51.100.7
v6=2001:db8:7::7
ip address add $v4/32 dev lo
ip address add $v6/128 dev lo nodad
ip address add 2001:db8:7::9/128 dev lo nodad
printf '%s\n' "127.0.0.1 localhost" "$v4 relay.test" "$v6 relay.test" \
    "$v4 half.test" "2001:db8:7::9 half.test" \
    "$v4 far.test" "2001:db8:9::9 far.test" >hosts
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
    -subj /CN=relay.test -addext "subjectAltName=DNS:relay.test,IP:$v6" \
    -keyout key.pem -out cert.pem 2>/dev/null
printf north >secret
printf '%0.100d\n' 7 >password
printf 'mistaken\r\n' >wrong

# coturn NAME PORT OPTION...
coturn() {
	rp_coturn=$1
	rp_port=$2
	shift 2
	start "$rp_coturn" turnserver -n --realm=north.example --no-cli \
	    --listening-ip $v4 --listening-ip $v6 --listening-port "$rp_port" \
	    --tls-listening-port $((rp_port + 1)) --cert cert.pem \
	    --pkey key.pem --no-dtls --min-port 61000 --max-port 62000 \
	    --log-file stdout --pidfile "$rp_coturn.pidfile" "$@"
}
coturn its_secrets 3478 --relay-ip $v4 --use-auth-secret \
    --static-auth-secret=north --verbose
coturn its_users 4000 --relay-ip $v4 --lt-cred-mech \
    --user="me:$(cat password)" --user-quota=3
coturn its_open 4010 --relay-ip $v4 --no-auth
coturn its_full 4020 --relay-ip $v4 --lt-cred-mech --user=me:mine --user-quota=1
coturn its_moved 4030 --relay-ip $v4 --lt-cred-mech --user=me:mine \
    --alternate-server=192.0.2.7:3478
coturn its_family 4040 --relay-ip $v6 --lt-cred-mech --user=me:mine
coturn its_transport 4050 --relay-ip $v4 --lt-cred-mech --user=me:mine \
    --no-udp-relay
for name in secrets users open full moved family transport; do
	wait_for 10 grep -q "auth thread" its_$name.out ||
	    give_up "coturn starts" its_$name.out
done

# probe NAME ARGUMENT...: in the background; join waits for it.
probe() {
	rp_probe=$1
	shift
	start "$rp_probe" unshare -m sh -c 'mount --bind hosts /etc/hosts &&
	    exec "$@"' sh rp-dial --probe --json "$rp_probe.json" "$@"
}
# ways NAME: "udp ipv4 works, ..."
ways() {
	jq -r '[.relay.ways[] | "\(.transport) \(.family) \(.fault.kind //
	    "works")"] | join(", ")' "$1.json"
}
# concluded NAME STATUS WAYS
concluded() {
	join "$1"
	is "$? $(ways "$1")" "$2 $3" "$1: exit status $2: $3"
}

echo mine >mine
user="--relay-user me --relay-password-file"
probe any --relay-secret secret --ca cert.pem --relay-url turn:relay.test \
    --relay-url 'turn:relay.test?transport=tcp' \
    --relay-url turns:relay.test:3479
probe named --relay-secret secret --relay-user @bob:example.org \
    --relay-url "turn:[$v6]" --relay-url "turns:[$v6]:3479" --ca cert.pem
probe nameless --relay-secret secret --relay-user '' --relay-url turn:$v4
probe half --relay-secret secret --relay-url turn:half.test
probe far --relay-secret secret --relay-url turn:far.test
probe misnamed --relay-secret secret --ca cert.pem \
    --relay-url turns:half.test:3479
# shellcheck disable=SC2086
{
	probe static $user password --relay-url turn:$v4:4000
	probe wrong $user wrong --relay-url turn:$v4:4000
	probe open $user mine --relay-url turn:$v4:4010
	probe full $user mine --relay-url turn:$v4:4020
	probe moved $user mine --relay-url turn:$v4:4030
	probe family $user mine --relay-url "turn:[$v6]:4040"
	probe transport $user mine --relay-url turn:$v4:4050
}
concluded any 0 "udp ipv4 works, udp ipv6 works, tcp ipv4 works, tcp ipv6 works, tls ipv4 works, tls ipv6 works"
is "$(jq -c '.relay.ways | map(.realm) | unique' any.json)" \
    '["north.example"]' "the realm is told"
concluded named 0 "udp ipv6 works, tls ipv6 works"
like "$(cat its_secrets.out)" "username=<[0-9]+:@bob:example.org>" \
    "a name may stand behind the time"
concluded nameless 0 "udp ipv4 works"
like "$(cat its_secrets.out)" "username=<[0-9]+>" "or none"
concluded half 12 "udp ipv4 works, udp ipv6 closed"
like "$(cat half.err)" "^rp-dial: udp \[2001:db8:7::9\]:3478: closed: " \
    "and which address it is"
concluded far 0 "udp ipv4 works"
concluded misnamed 10 "tls ipv4 certificate, tls ipv6 closed"
concluded static 0 "udp ipv4 works"
concluded wrong 6 "udp ipv4 secret"
like "$(cat wrong.err)" 'user and password \(401\): its realm is "north.example"' \
    "with the realm"
concluded open 12 "udp ipv4 open"
concluded full 12 "udp ipv4 full"
like "$(cat full.err)" "full: the relay refuses \(486\): this user's quota" \
    "and whose limit it is"
concluded moved 12 "udp ipv4 moved"
like "$(cat moved.err)" "moved: the relay refuses \(300\) and names another server, 192.0.2.7:3478" \
    "and where to"
concluded family 12 "udp ipv6 family"
concluded transport 12 "udp ipv4 transport"
unshare -m sh -c 'mount --bind hosts /etc/hosts && exec "$@"' sh rp-dial \
    --probe --relay-secret secret --relay-url turn:far.test >far.out
like "$(cat far.out)" "udp \[2001:db8:9::9\]:3478 +not tried: this host has no route by IPv6" \
    "an address without a route is told"

# Our own relay, at an address of IPv6.
start_turnd own -l '[::1]:0' -T '[::1]:0' -S "[$v6]:0" -C cert.pem -K key.pem
tcp=$(ready own.ready turn_tcp)
probe own --relay-secret secret --ca cert.pem \
    --relay-url "turn:$(ready own.ready turn)" \
    --relay-url "turn:$tcp?transport=tcp" \
    --relay-url "turns:$(ready own.ready turn_tls)"
concluded own 0 "udp ipv6 works, tcp ipv6 works, tls ipv6 works"

# Mistakes are told in one line, before anything is sent.
# mistake REGEX ARGUMENT...
mistake() {
	rp_regex=$1
	shift
	rp-dial --probe "$@" >out 2>err
	is "$? $(wc -l <err)" "1 1" "a mistake: $*"
	like "$(cat err)" "^rp-dial: $rp_regex" "and which"
}
with="--relay-secret secret"
# shellcheck disable=SC2086
{
	mistake 'stun:a: wants turn:HOST' $with --relay-url stun:a
	mistake 'turn:1.2.3.400: wants turn:HOST' $with --relay-url turn:1.2.3.400
	mistake 'turn:::1:3478: wants brackets' $with --relay-url turn:::1:3478
	mistake 'turns:a.*: is for DTLS' $with --relay-url 'turns:a?transport=udp'
	mistake 'turn:a:3478: is given twice' $with --relay-url turn:a \
	    --relay-url turn:a:3478
}
mistake '--relay-password-file: goes with' --relay-url turn:a \
    --relay-password-file mine
finish
