#!/bin/sh
# What consultants check at a TURN server, as far as no other test shows it:
# nobody gets an allocation without a credential that this operator made, there
# is no relaying of TCP, nothing tells the version or sends elsewhere, other
# dialects of STUN are not spoken, answers to strangers cannot be multiplied, no
# port is open but those that were configured, and no secret shows. The whole
# list is docs/open-relay.md.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/turn.sh"
own_network "$0" "$@"
. "$(dirname "$0")/signal.sh"

# ask HEX [TIMES]: what a datagram is answered: its type and the types of its
# attributes, with the code of an error; "none" within a second. With TIMES, the bytes sent and received.
cat >"$T/ask" <<'EOT'
use IO::Select;
use IO::Socket::INET;
my ($to, $hex, $times) = @ARGV;
my $s = IO::Socket::INET->new(PeerAddr => $to, Proto => 'udp') or die;
my $ready = IO::Select->new($s);
my $out = pack 'H*', $hex;
my ($sent, $got, $in) = (0, 0, '');
for (1 .. $times // 1) {
	$sent += $s->send($out) // 0;
	# Read before more answers come than the socket holds.
	while ($ready->can_read(!$times ? 1 : $_ % 50 ? 0 : 0.05)) {
		$s->recv($in, 2048) // last;
		$got += length $in;
		last unless $times;
	}
}
while ($times && $ready->can_read(0.5)) {
	$s->recv($in, 2048) // last;
	$got += length $in;
}
if ($times) {
	print "$sent $got\n";
} elsif (!length $in) {
	print "none\n";
} else {
	my @types = unpack 'H4', $in;
	my $at = 20;
	while ($at + 4 <= length $in) {
		my ($type, $len) = unpack 'H4n', substr $in, $at, 4;
		my ($class, $number) = unpack 'C2', substr $in, $at + 6, 2;
		$type .= '=' . ($class * 100 + $number) if $type eq '0009';
		push @types, $type;
		$at += 4 + (($len + 3) & ~3);
	}
	print "@types\n";
}
EOT
ask_stun() {
	perl "$T/ask" "$(address turn)" "$@"
}
id=000102030405060708090a0b

make_subscribers
write_conf "" 'drain_ms = 0;' 'log = { level = "debug"; };'
sed -i -e '/^metrics/d' -e 's|^relay = .*|relay = { listen = "127.0.0.1:0"; \
tcp_listen = "127.0.0.1:0"; tls_listen = "127.0.0.1:0"; peers = "clients"; \
stream_auth_ms = 300; strangers_per_prefix = 100000; };|' "$T/switch.conf"
start_configured

# The ports that are open, with nothing else in this network.
ports() {
	{
		ss -Hlun
		ss -Hltn
	} | awk '{ print $4 }' | sort -u
}
sed -n 's/^[a-z_]*=\(127\.0\.0\.1:[0-9]*\)$/\1/p' "$T/switch.ready" | sort -u \
    >"$T/ports"
is "$(ports)" "$(cat "$T/ports")" "the open ports are those that were configured"
is "$(stat -c %A "$T/switch.d/control" | cut -c 8-)" "---" \
    "operators' commands come by a local socket that others cannot open"

# What a stranger is told.
is "$(ask_stun "000100002112a442$id")" "0101 0020" \
    "a Binding is answered with an address and no more"
is "$(ask_stun "000100002112a442$id" 1 | awk '{ print ($2 <= 2 * $1) }')" 1 \
    "which is short"
is "$(ask_stun "0001000000000000$id")" none \
    "the old dialect, which took any address, is not spoken (RFC 3489)"
is "$(ask_stun "000100082112a442${id}0003000400000006")" "0111 0009=420 000a" \
    "nobody is answered from elsewhere (RFC 5780)"
is "$(ask_stun 16fefd0000000000000000002e01000022)" none \
    "no DTLS, whose hellos could be multiplied"
is "$(ask_stun "000300082112a442${id}0019000411000000")" \
    "0113 0009=401 0014 0015 8002" \
    "an Allocate is challenged, without a version, a token or another server"
for method in 0004 0008 0009 000a 000b; do
	ask_stun "${method}00002112a442$id" | cut -d ' ' -f 1,2
done >"$T/methods"
is "$(paste -sd , "$T/methods")" "0114 0009=401,0118 0009=401,0119 \
0009=401,011a 0009=400,011b 0009=400" \
    "no other method does anything without a credential"

# Credentials of samples and guesses.
# client NAME USER PASSWORD: it tries to allocate.
guess() {
	printf 'open g%s %s %s %s\ng%s allocate\n' "$1" "$(address turn)" "$2" \
	    "$3" "$1"
}
late=$(($(date +%s) + 600))
{
	guess 1 test test
	guess 2 user root
	guess 3 admin admin
	guess 4 ninefingers youhavetoberealistic
	for secret in north logen secret static-auth-secret; do
		TURN_SECRET=$secret
		guess "$secret" "$late:guest" "$(password "$late:guest")"
	done
} | "$RP_BUILD/t/tools/turnask" >"$T/guesses"
is "$(awk '{ print $3 }' "$T/guesses" | sort | uniq -c | xargs)" "8 401" \
    "no user and no secret is there by default"
stop switch
sed -i 's/peers = "clients";/& secret = "short";/' "$T/switch.conf"
is "$(rp-switchd -t -c "$T/switch.conf" 2>&1 | sed 's/^.*relay.secret: //')" \
    "wants 16 characters or more in each" "a short secret is refused"

# A user of this operator's.
TURN_SECRET=a-secret-of-this-operator
sed -i "s/secret = \"short\"/secret = \"$TURN_SECRET\"/" "$T/switch.conf"
start_configured
sed -n 's/^[a-z_]*=\(127\.0\.0\.1:[0-9]*\)$/\1/p' "$T/switch.ready" | sort -u \
    >"$T/ports"
{
	echo "open a $(address turn) $late:alice $(password "$late:alice")"
	echo a allocate
	echo "open b $(address turn) $late:alice $(password "$late:alice")"
	echo b transport 6
	for method in 0x000a 0x000b; do
		echo "a request $method"
	done
	echo "open c $(address turn) 1000000000:alice" \
	    "$(password 1000000000:alice)"
	echo c allocate
} | "$RP_BUILD/t/tools/turnask" >"$T/alice"
is "$(awk '{ print $3 }' "$T/alice" | xargs)" "0 442 400 400 401" \
    "it gets an allocation, no TCP (RFC 6062), and none after the expiry"
is "$(ports)" "$(cat "$T/ports")" "and no port is opened for it"

# Secrets.
for pid in $(cat "$T/switch.pid") $(pgrep -P "$(cat "$T/switch.pid")"); do
	tr '\0' '\n' <"/proc/$pid/cmdline"
	tr '\0' '\n' <"/proc/$pid/environ"
done >"$T/seen"
like "$(cat "$T/seen")" "rp-switchd: relay" "the relay's process is seen"
is "$(grep -cF -e "$TURN_SECRET" "$T/seen")" 0 "no secret on a command line"
like "$(cat "$T/switch.err")" "event=turn_refused code=442" \
    "what is refused is logged"
is "$(grep -cF -e "$TURN_SECRET" -e "$(password "$late:alice")" "$T/switch.err")" \
    0 "no secret and no password in the log"

# Connections that show no credential.
cat >"$T/silent" <<'EOT'
use IO::Socket::INET;
my @all = map { IO::Socket::INET->new(PeerAddr => $ARGV[0]) or die } 1 .. 5;
$_->sysread(my $none, 1) and die "data" for @all;
print scalar @all, " closed\n";
EOT
is "$(timeout 60 perl "$T/silent" "$(address turn_tcp)")" "5 closed" \
    "silent connections are closed"

# A flood of requests, as in the name of somebody else. It may begin with 16 KiB
# more than it sends and gains 1 KiB a second. The number of answers is not limited
# here, so that only their bytes are.
began=$(date +%s)
ask_stun "000300082112a442${id}0019000411000000" 2000 >"$T/flood"
took=$(($(date +%s) - began + 2))
read -r sent got <"$T/flood"
is "$((got > 0)) $((got <= sent + 16384 + 1024 * took))" "1 1" \
    "a flood gets no more bytes than it sends: $sent and $got"
stop switch
finish
