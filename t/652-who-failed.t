#!/bin/sh
# What an operator can find out of a failure. At the level debug each refused
# request, connection, handshake and relay request has a line that says whose it
# was and why; at info there is none. No line holds a token. Failed handshakes
# are counted by port and reason. One session id goes from the report of rp-dial
# through the log to the push and its result, and a call's line says when it
# was pushed, rang and was answered.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
write_conf "exec $T/pusher $T" 'log = { level = "info"; };'
sed -i 's/^relay = {.*/relay = { listen = "127.0.0.1:0"; secret = "northern-secret-1";\
    tls_listen = "127.0.0.1:0"; strangers_per_prefix = 0;\
    allocations_per_party = 1; };/' "$T/switch.conf"
start_configured
log=$T/switch.err

# turn USER SECRET REQUEST...: requests over one socket, with the credential of
# that user; prints the status of each. A request is allocate, tcp (an
# allocation of another transport), refresh, permit (a peer who is nobody), or
# new: go on from another socket.
cat >"$T/turn" <<'EOF2'
use Digest::MD5 "md5";
use Digest::SHA qw(hmac_sha1 hmac_sha1_base64);
use IO::Socket::INET;
use IO::Select;
my ($address, $user, $secret, @requests) = @ARGV;
my $password = hmac_sha1_base64($user, $secret);
$password .= "=" x (-length($password) % 4);
my ($s, $realm, $nonce, $n);
sub attr {
	my ($type, $value) = @_;
	pack("nna*", $type, length $value, $value) . "\0" x (-length($value) % 4);
}
sub ask {
	my ($type, $body) = @_;
	my $id = sprintf "%012d", ++$n;
	if (defined $nonce) {
		$body .= attr(6, $user) . attr(0x14, $realm) . attr(0x15, $nonce);
		my $text = pack("nnNa12a*", $type, 24 + length $body, 0x2112a442,
		    $id, $body);
		$body .= attr(8, hmac_sha1($text, md5("$user:$realm:$password")));
	}
	send $s, pack("nnNa12a*", $type, length $body, 0x2112a442, $id, $body), 0;
	IO::Select->new($s)->can_read(20) or die "no answer";
	recv $s, my $answer, 2048, 0;
	my ($kind) = unpack "n", $answer;
	my ($status, $at) = (200, 20);
	while ($at < length $answer) {
		my ($t, $len) = unpack "nn", substr $answer, $at, 4;
		my $value = substr $answer, $at + 4, $len;
		$status = 100 * ord(substr $value, 2) + ord(substr $value, 3)
		    if $t == 9;
		$realm = $value if $t == 0x14;
		$nonce = $value if $t == 0x15;
		$at += 4 + $len + (-$len % 4);
	}
	return $status;
}
my %ask = (
	allocate => [3, attr(0x19, pack "N", 17 << 24)],
	tcp => [3, attr(0x19, pack "N", 6 << 24)],
	refresh => [4, ""],
	permit => [8, attr(0x12, pack "nnN", 1, 1 ^ 0x2112,
	    0xcb007107 ^ 0x2112a442)],
);
for my $request ("new", @requests) {
	if ($request eq "new") {
		undef $nonce;
		$s = IO::Socket::INET->new(PeerAddr => $address,
		    Proto => "udp") or die;
		ask(@{ $ask{allocate} });
		next;
	}
	print ask(@{ $ask{$request} }), "\n";
}
EOF2
user() {
	echo "$(($(date +%s) + ${2:-600})):$1:a"
}
relay() {
	perl "$T/turn" "$(address turn)" "$@" | xargs
}
# bytes PORT: what comes on standard input goes to that port, over plain TCP.
bytes() {
	perl -MIO::Socket::INET -e '
	    my $s = IO::Socket::INET->new(PeerAddr => $ARGV[0]) or die;
	    local $/; print $s <STDIN>; shutdown $s, 1; <$s>' "$(address "$1")"
}
hello() {
	openssl s_client -connect "$(address "$@")" </dev/null >/dev/null 2>&1
}
# try_tls PORT: what does not come to a session.
try_tls() {
	printf 'GET / HTTP/1.0\r\n\r\n' | bytes "$1"
	openssl s_client -connect "$(address "$1")" -tls1_1 \
	    -cipher 'DEFAULT@SECLEVEL=0' </dev/null >/dev/null 2>&1
	openssl s_client -connect "$(address "$1")" -tls1_2 \
	    -cipher 'NULL-SHA256@SECLEVEL=0' </dev/null >/dev/null 2>&1
	openssl s_client -connect "$(address "$1")" -verify_return_error \
	    -CAfile "$T/none.pem" </dev/null >/dev/null 2>&1
	printf '\026\003\001\001\000\001' | bytes "$1"
}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
    -subj /CN=none.test -keyout "$T/none.key" -out "$T/none.pem" 2>/dev/null
# curl_as USER:TOKEN METHOD TARGET [ARGUMENT...]
curl_as() {
	rp_user=$1
	rp_method=$2
	rp_target=$3
	shift 3
	curl -sS --max-time 20 --cacert "$T/switch.d/ca.pem" -o "$T/body" \
	    -w '%{http_code}' -u "$rp_user" -X "$rp_method" "$@" \
	    "https://$(address call)$rp_target"
}
websocket() {
	curl_as "alice:$(token alice)" GET /signal \
	    -H 'Connection: Upgrade' -H 'Upgrade: websocket' \
	    -H 'Sec-WebSocket-Version: 13' \
	    -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' \
	    -H 'Origin: https://evil.example'
}
frames() {
	{ printf 'GET /signal HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n'
	printf 'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n'
	printf 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
	printf '\377\377'; } |
	    timeout 20 openssl s_client -quiet -connect "$(address call)" \
	    >/dev/null 2>&1
}
# The same at each level; prints the answers.
fail_all() {
	curl_as "alice:$(printf %064d 0)" INITIATE /session/bob --data offer
	echo
	curl_as "alice:$(token alice)" INITIATE /session/nobody --data offer
	echo
	curl_as "alice:$(token alice)" INITIATE /session/alice --data offer
	echo
	curl_as "alice:$(token alice)" GET "/secret/$(token alice)"
	echo
	websocket
	echo
	frames
	try_tls call
	try_tls answer
	try_tls turn_tls
	relay "$(user one)" southern allocate
	relay "$(user one -60)" northern-secret-1 allocate
	relay "$(user "$1")" northern-secret-1 refresh tcp allocate permit allocate \
	    new allocate
}
answers='401
404
409
404
403
401
401
437 442 200 403 437 486'

is "$(fail_all two)" "$answers" "at info, requests fail"
# What a start warns of comes before it is ready.
log_is_quiet() {
	! sed '1,/event=ready/d' "$log" | grep -vE 'event=(reload|gate) '
}
check "and not one has a line" log_is_quiet
sed -i 's/level = "info"/level = "debug"/' "$T/switch.conf"
check "the level is debug now" rp-drain --socket "$T/switch.d/control" --reload
is "$(fail_all three)" "$answers" "the same requests fail"

logged() {
	check "$1" wait_for 20 grep -qE "level=debug event=$2" "$log"
}
from='127\.0\.0\.1:[0-9]+$'
logged "a wrong token" "request_refused status=401 reason=\"\"\
 method=INITIATE number=\"alice\" about=\"bob\" peer=$from"
logged "an unknown callee" "request_refused status=404\
 reason=\"no-subscriber\" method=INITIATE number=\"alice\" about=\"nobody\""
logged "one's own number" 'request_refused status=409 reason="own-number"'
logged "an unknown target, without its text" "request_refused status=404\
 reason=\"no-such-target\" method=GET number=\"alice\" about=\"\" "
logged "a page of elsewhere" 'request_refused status=403 reason="origin"'
logged "an invalid frame" "connection_refused status=0\
 why=\"invalid frame\" number=\"\" websocket=1 peer="
for port in call answer turn; do
	logged "another protocol on the $port port" "tls_failed port=$port\
 reason=not_tls why=.* peer=$from"
	logged "an old TLS" "tls_failed port=$port reason=version"
	logged "no common cipher" "tls_failed port=$port reason=cipher"
	logged "an authority that the client does not know" "tls_failed\
 port=$port reason=distrusted why=\"the peer's TLS alert: .*CA.*\""
	logged "a client that leaves" "tls_failed port=$port reason=closed"
	for reason in not_tls version cipher distrusted closed; do
		metric "rp_tls_handshake_failures_total{port=\"$port\",reason=\"$reason\"}"
	done >"$T/counted"
	is "$(xargs <"$T/counted")" "2 2 2 2 2" "are counted, at each level"
done
logged "a wrong relay secret" "turn_refused code=401 reason=\"Unauthorized\"\
 why=\"wrong password or secret\" method=allocate user=\"[0-9]+:one:a\" to= client=udp/$from"
logged "an expired credential" \
    'turn_refused code=401 reason="Unauthorized" why="expired"'
logged "no allocation" 'turn_refused code=437 .* method=refresh'
logged "another transport" 'turn_refused code=442 '
logged "a peer of nobody" 'turn_refused code=403 .* to=203\.0\.113\.7:1 '
logged "the limit of a party" 'turn_refused code=486 .*:three:a"'
printf 'GET / HTTP/1.0\r\n\r\n' | bytes turn_tls
perl -MIO::Socket::INET -e 'IO::Socket::INET->new(PeerAddr => $ARGV[0],
    Proto => "udp")->send(
    pack("nnNa12nn", 1, 4, 0x2112a442, "x" x 12, 6, 99))' "$(address turn)"
logged "what is not STUN at all" 'turn_dropped reason=malformed bytes=24'

# A client that says nothing.
printf 'connections = { auth_ms = 1000; max_per_address = 1; };\n' \
    >>"$T/switch.conf"
check "a limit of one connection" rp-drain --socket "$T/switch.d/control" \
    --reload
start mute perl -MIO::Socket::INET -e '
    my $s = IO::Socket::INET->new(PeerAddr => $ARGV[0]) or die;
    $| = 1; print "there\n"; <$s>' "$(address answer)"
wait_for 10 grep -q there "$T/mute.out"
logged "silence" 'tls_failed port=answer reason=timeout'
start mute perl -MIO::Socket::INET -e '
    my $s = IO::Socket::INET->new(PeerAddr => $ARGV[0]) or die;
    $| = 1; print "there\n"; <$s>' "$(address answer)"
wait_for 10 grep -q there "$T/mute.out"
talk alice alice
say alice "GET /keepalive"
check "a subscriber gets in" heard alice '^response 200'
logged "a stranger gives way" "stranger_cut limit=max_per_address max=[0-9]+ peer="
hello answer
logged "one over the limit" "connection_reset limit=max_per_address max=1 peer="
bye alice
is "$(metric \
    'rp_tls_handshake_failures_total{port="answer",reason="timeout"}')" 1 \
    "is counted"
sed -i '/^connections/d' "$T/switch.conf"
rp-drain --socket "$T/switch.d/control" --reload

# One session id, for a call that fails.
for who in alice bob; do
	sed -i "s|^switch = .*|switch = \"$(address call)\";|" \
	    "$T/switch.d/$who.conf"
done
wakeable bob
pusher_says failed
rp-dial --account "$T/switch.d/alice.conf" --json "$T/failed.json" bob \
    2>"$T/failed.err"
session=$(jq -r .session "$T/failed.json")
like "$session" '^[0-9a-f]{32}$' "the report of a failed call has a session"
is "$(pushed .session | tail -n 1)" "$session" "so has the push"
logged "the start of the call, with both numbers" \
    "call_started session=$session caller=\"alice\" callee=\"bob\" devices=1"
check "its failed push, with the kind of device" wait_for 20 grep -qE \
    "push_failed session=$session device=[0-9a-f]{8} provider=command" "$log"
check "and its end" wait_for 20 grep -qE \
    "call_ended session=$session reason=unreachable ms=[0-9]+ push_ms=[0-9]+( |$)" \
    "$log"
rp-dial --account "$T/switch.d/alice.conf" --json "$T/none.json" nobody \
    2>"$T/none.err"
is "$(jq -r .session "$T/none.json")" null "no session, where there is none"
is "$(echo "{\"id\":\"1\",\"type\":\"webpush\",\"to\":{},\"payload\":{},\
\"session\":\"$session\"}" | rp-pushsend 2>/dev/null | jq -r .session)" \
    "$session" "the result of rp-pushsend repeats it"
is "$(echo '{"id":"1","type":"webpush","to":{},"payload":{}}' |
    rp-pushsend 2>/dev/null | jq -r .session)" null \
    "and has none where the request has none"
stop switch
cp "$log" "$T/before.err"

# And for one that is answered, by way of rp-pushsend.
write_conf "rp-pushsend --dev"
start_configured
for who in alice bob; do
	sed -i "s|^switch = .*|switch = \"$(address call)\";|" \
	    "$T/switch.d/$who.conf"
done
start bob rp-dial --account "$T/switch.d/bob.conf" --answer --echo --once \
    --json "$T/bob.json" --ready-file "$T/bob.ready"
wait_for 10 test -s "$T/bob.ready"
check "a call" rp-dial --account "$T/switch.d/alice.conf" --duration 1 \
    --json "$T/alice.json" bob
join bob
session=$(jq -r .session "$T/alice.json")
is "$(jq -r .session "$T/bob.json")" "$session" "has one id at both ends"
check "and in the log, with its times" wait_for 20 grep -qE \
    "call_ended session=$session reason=[a-z-]+ ms=[0-9]+ answered_ms=[0-9]+ push_ms=[0-9]+ sent_ms=[0-9]+ ring_ms=[0-9]+ answer_ms=[0-9]+( |$)" \
    "$log"
in_order() {
	sed -n 's/.* event=call_ended .* push_ms=\([0-9]*\) .* ring_ms=\([0-9]*\) answer_ms=\([0-9]*\) .*/\1 \2 \3/p' \
	    "$log" | awk '{ exit !($1 <= $2 && $2 <= $3) }'
}
check "which are in order" in_order
stop switch
cat "$T"/*.err >"$T/all"
is "$(grep -cF -e "$(token alice)" -e "$(token bob)" -e northern-secret "$T/all")" 0 \
    "no line has ever held a token or secret"
finish
