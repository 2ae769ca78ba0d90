#!/bin/sh
# Strangers cannot keep a subscriber out. Connections that show no credential
# have a bounded number of places, per address and in all, where the oldest gives
# way to the newest. They end after connections.auth_ms, whatever they ask. The
# last tenth of all places is for the parties of calls.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

# N silent connections to ADDRESS, from addresses of 127/8 in turn. It tells how
# many are left, each time that one has ended.
cat >"$T/idle" <<'EOT'
use IO::Select;
use IO::Socket::INET;
my ($addr, $n, $from, $text) = @ARGV;
my @from = split /,/, $from;
my $all = IO::Select->new;
my %who;
$| = 1;
for my $i (1 .. $n) {
	my $s = IO::Socket::INET->new(PeerAddr => $addr,
	    LocalAddr => $from[($i - 1) % @from], Timeout => 5) or next;
	syswrite $s, $text if defined $text;
	$who{$s} = $i;
	$all->add($s);
	print "opened=$i\n";
	for my $ended ($all->can_read(0.001)) {
		print "ended=$who{$ended}\n";
		$all->remove($ended);
	}
}
print "all\n";
while ($all->count) {
	for my $ended ($all->can_read) {
		next if sysread $ended, my $some, 4096;
		print "ended=$who{$ended}\n";
		$all->remove($ended);
	}
	print "left=" . $all->count . "\n";
}
EOT
# idle NAME PORT N ADDRESS,... [TEXT]
idle() {
	rp_name=$1
	rp_port=$2
	shift 2
	start "$rp_name" perl "$T/idle" "$(address "$rp_port")" "$@"
	wait_for 20 grep -q '^all' "$T/$rp_name.out"
}
ended() {
	sed -n 's/^ended=//p' "$T/$1.out" | sort -n | xargs
}
ended_are() {
	[ "$(ended "$1")" = "$2" ]
}
# secure REQUEST [TIMES]: over TLS on the call port, the same request TIMES times,
# a tenth of a second between them. The statuses that came until it was closed.
cat >"$T/secure" <<'EOT'
use IPC::Open2;
my ($addr, $request, $times) = @ARGV;
$request =~ s/\\r\\n/\r\n/g;
$request =~ s/\\x(..)/chr hex $1/ge;
open2(my $out, my $in, "exec openssl s_client -quiet -connect $addr");
$SIG{PIPE} = "IGNORE";
my $writer = fork;
if ($writer == 0) {
	for (1 .. $times) {
		syswrite $in, $request or last;
		select undef, undef, undef, 0.1;
	}
	sleep 60;
	exit;
}
close $in;
print map { m{^HTTP/1.1 (\d+)} ? "$1\n" : () } <$out>;
kill "KILL", $writer;
EOT
secure() {
	timeout 60 perl "$T/secure" "$(address call)" "$1" "$2" \
	    >"$T/secure.out" 2>/dev/null
}

make_subscribers
write_conf "exec $T/pusher $T" 'connections = { max = 40; max_per_address = 40;
    strangers = 24; strangers_per_address = 8; strangers_per_network = 12;
    strangers_per_block = 16; auth_ms = 60000; };'
start_configured
wakeable bob
idle one call 10 127.0.0.2
check "ten of one address: the oldest gave way" wait_for 10 \
    ended_are one "1 2"
is "$(metric rp_strangers)" 8 "eight are there"
is "$(metric 'rp_strangers_cut_total{limit="per_address"}')" 2 "two are counted"
idle net answer 6 127.0.0.3,127.0.0.4
check "more of its network, on the other port: the address that holds the most" \
    wait_for 10 ended_are one "1 2 3 4"
is "$(ended net)" "" "and no other"
is "$(metric 'rp_strangers_cut_total{limit="per_network"}')" 2 "they are counted"
idle block call 6 127.0.5.1,127.0.6.1
check "more of its block: the network that holds the most" \
    wait_for 10 metric_is 'rp_strangers_cut_total{limit="per_block"}' 2
is "$(ended block)" "" "and no other"
idle far call 12 127.1.0.1,127.2.0.1
check "more in all: the block that holds the most" \
    wait_for 10 metric_is 'rp_strangers_cut_total{limit="strangers"}' 4
is "$(ended far)" "" "and no other"
is "$(metric rp_strangers)" 24 "so many are there"
is "$(ask alice GET /keepalive)" 200 "a subscriber gets in"
is "$(metric rp_gate_open)" 1 "and the gate is open"
for name in one net block far; do
	stop "$name" KILL
done

# Thirty-nine strangers have all places but one. There is a call.
sed -i 's/strangers[a-z_]* = [0-9]*;//g; s/max = 40;/& strangers = 40;/' \
    "$T/switch.conf"
rp-drain --socket "$T/switch.d/control" --reload 2>/dev/null
check "they have gone" wait_for 10 metric_is rp_connections 0
talk alice alice
say alice "INITIATE /session/bob body=offer"
check "a call" heard alice '^response 200'
id=$(sed -n 's/.*"sessionId":"\([0-9a-f]*\)".*/\1/p' "$T/alice.out")
idle many answer 39 127.0.0.2
is "$(metric rp_connections)" 40 "all forty places are taken"
talk bob bob answer
say bob "RING /session/$id body=answer"
check "bob gets in" heard bob '^response 200'
check "a stranger gave way" wait_for 10 ended_are many 1
say bob "ANSWER /session/$id"
check "and answers" heard alice "^request ANSWER /session/$id"

# Subscribers take the places of all strangers, but for the last tenth.
hold() {
	for i in $1; do
		talk "many$i" alice "$2"
		say "many$i" "GET /keepalive"
	done
	for i in $1; do
		heard "many$i" '^response' >/dev/null
	done
}
hold "$(seq -s ' ' 1 34)" call
is "$(metric rp_connections)" 40 "34 more subscribers: all places are taken"
is "$(metric rp_strangers)" 4 "and strangers have the rest"
check "the gate is closed" wait_for 5 reason connections
is "$(ask alice GET /keepalive | grep -c 200)" 0 "the call port takes no more"
like "$(cat "$T/curl.err")" '^curl: \(7\)' "and no connection, to win no race"
is "$(metric 'rp_gate_closed{reason="connections"}')" 1 "it is in the metrics"
say many1 "INITIATE /session/bob body=offer"
check "who is connected is told" heard many1 '^response 503 connections'
hold "35 36" answer
is "$(grep -l '^response 503 too-many-connections' "$T"/many3[56].out | wc -l)" \
    2 "the answer port hears them, and refuses who has no call"
is "$(metric 'rp_connections_refused_total{limit="reserve"}')" 2 "it is counted"
bye bob
talk bob2 bob answer
say bob2 "RESUME /session/$id"
check "the party of the call connects again" heard bob2 '^response 200'
say bob2 "GET /keepalive"
check "and stays" wait_for 10 sh -c \
    "[ \$(grep -c '^response 200' $T/bob2.out) = 2 ]"
say alice "HANGUP /session/$id"
check "the call ends" heard bob2 "^request HANGUP"
check "the gate stays closed" never 0.5 reason ""
for i in 1 2 3 4 5; do
	bye "many$i"
done
check "an eighth less: it is open" wait_for 10 reason ""
is "$(ask alice GET /keepalive)" 200 "and a subscriber gets in"
stop switch KILL

# Whatever a stranger asks, it has auth_ms from its beginning.
write_conf "exec $T/pusher $T" 'connections = { auth_ms = 1500; };'
start_configured
secure 'GET /signal HTTP/1.1\r\nHost: x\r\n\r\n' 60
is "$(sort "$T/secure.out" | uniq | xargs)" "408 426" \
    "a request ten times a second: it is closed"
check "after its time and not after a request" \
    test "$(grep -c 426 "$T/secure.out")" -gt 2
secure 'GET /signal HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n' 1
is "$(xargs <"$T/secure.out")" 101 "a WebSocket that says nothing is closed"
secure 'G' 60
is "$(xargs <"$T/secure.out")" 408 "a letter ten times a second: closed"
check "they are counted" \
    wait_for 10 metric_is 'rp_strangers_cut_total{limit="auth_ms"}' 3
talk alice2 alice
say alice2 "GET /keepalive"
check "a subscriber" heard alice2 '^response 200'
check "outlives auth_ms" never 2 grep -q '^closed' "$T/alice2.out"
say alice2 "GET /keepalive"
check "and is answered" wait_for 10 sh -c \
    "[ \$(grep -c '^response 200' $T/alice2.out) = 2 ]"
bye alice2
stop switch
is $? 0 "the switch ends as ever"
finish
