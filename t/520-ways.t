#!/bin/sh
# rp-dial's media engine reaches the relay by whichever transport gets through:
# UDP, TCP or TLS, at our relay and at coturn. A transport that is refused costs
# no time, and a silent one a moment. A relay whose certificate is not trusted
# is not used. An ICE restart moves a call from one transport to another.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/turn.sh"
. "$(dirname "$0")/heard.sh"
PATH=$RP_BUILD/t/tools:$PATH
command -v openssl >/dev/null || skip_all "needs openssl"
command -v espeak-ng >/dev/null || skip_all "needs espeak-ng"
cd "$T" || exit 1

# authority NAME: NAME.pem with its key, for localhost.
authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
	    -keyout "$1.key" -out "$1.pem" 2>/dev/null
}
authority ours
authority other
espeak-ng -v en -w a.wav "The quick brown fox jumps."
start_turnd relay -l 127.0.0.1:0 -T 127.0.0.1:0 -S 127.0.0.1:0 -C ours.pem \
    -K ours.key -q 16
udp=$(ready relay.ready turn)
tcp=tcp:$(ready relay.ready turn_tcp)
tls=tls:$(ready relay.ready turn_tls)

# pair SECRET SERVER... -- [ARGUMENT...]: a says a.wav to b.
pair() {
	rp_secret=$1
	shift
	rp_servers=
	while [ "$1" != -- ]; do
		rp_servers="$rp_servers --server $1"
		shift
	done
	shift
	# shellcheck disable=SC2086
	mediapair $rp_servers --secret "$rp_secret" --ca ours.pem --debug \
	    --report pair.out --in-a a.wav --out-b heard.wav "$@" 2>pair.err
}

# spoken ARGUMENT...: of pair, again if not all of it is heard.
spoken() {
	until_heard "a.wav heard.wav 0.85" pair "$TURN_SECRET" "$@"
}

# heard NAME: all of it.
heard() {
	is "$(jq .b.lost pair.out)" 0 "$1: nothing is lost"
	check "$1: b hears a" fits a.wav heard.wav 0.85
}

# took: the ms that a's allocation took.
took() {
	jq .a.allocated pair.out
}

check "our relay over TCP" spoken "$tcp" --
heard tcp
check "our relay over TLS" spoken "$tls" --
heard tls

# A server that hangs: the kernel takes what comes, and nothing answers.
start_turnd mute -l 127.0.0.1:0 -T 127.0.0.1:0
kill -STOP "$(cat mute.pid)"
check "UDP silent, then TCP" pair "$TURN_SECRET" \
    "$(ready mute.ready turn)" "$tcp" -- --seconds 1
silent=$(took)
check "after a moment ($silent ms)" jq -en "$silent >= 350"
# Nobody listens on these ports. A wait at each of the three would be three of
# those moments: two are all that the machine may make of it.
check "UDP refused, then TCP" pair "$TURN_SECRET" 127.0.0.1:9 127.0.0.1:7 \
    127.0.0.1:11 "$tcp" -- --seconds 1
check "at once ($(took) ms)" jq -en "$(took) < 2 * $silent"
check "TCP silent, then TLS" pair "$TURN_SECRET" \
    "tcp:$(ready mute.ready turn_tcp)" "$tls" -- --seconds 1
check "after a moment ($(took) ms)" jq -en "$(took) >= 350"
kill -CONT "$(cat mute.pid)"
stop mute

mediapair --server "$tls" --secret "$TURN_SECRET" --ca other.pem \
    --report pair.out 2>pair.err
is "$?" 9 "a relay with a certificate of another authority is not used"
like "$(cat pair.err)" "certificate" "and the reason is said"
pair wrong "$tcp" "$tls" --
is "$?" 9 "wrong credentials fail, whatever the way"
like "$(cat pair.err)" "the relay refuses \(401\)" "and the reason is said"

check "ICE restarts over TLS" spoken "$tls" -- --restart both
heard "restarted"

# A stream that breaks is an allocation lost: the call ends with it, at once.
# By a name of its own: the relay remembers the packets of those before.
start lost mediapair --server "$tcp" --secret "$TURN_SECRET" --seconds 30 \
    --call lost --debug --report lost.report
check "a call is up" wait_for 10 sh -c "echo call lost >relay.fifo
    grep -q 'allocations=2 packets=.* media=yes' relay.out"
stop relay KILL
join lost
is "$?" 9 "a connection to the relay that breaks ends the call"
like "$(cat lost.err)" "connection to the relay is lost" \
    "and the reason is said"

# coturn, which others run, at the ports that our relay had a moment ago.
if command -v turnserver >/dev/null; then
	start coturn turnserver -n --use-auth-secret --realm=rp \
	    --static-auth-secret="$TURN_SECRET" --allow-loopback-peers \
	    --no-cli --listening-ip 127.0.0.1 --relay-ip 127.0.0.1 \
	    --listening-port "$(port "$tcp")" \
	    --tls-listening-port "$(port "$tls")" --cert ours.pem \
	    --pkey ours.key --no-dtls --log-file stdout --pidfile coturn.pidfile
	wait_for 10 grep -q "auth thread" coturn.out
	check "coturn over UDP" spoken "${tcp#tcp:}" --
	heard "coturn, UDP"
	check "coturn over TCP" spoken "$tcp" --
	heard "coturn, TCP"
	check "coturn over TLS, restarted" spoken "$tls" -- \
	    --restart a
	heard "coturn, TLS"
else
	skip "coturn" "not installed"
fi
finish
