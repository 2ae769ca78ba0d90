#!/bin/sh
# A reload is one for the relay's process too. What that process cannot take
# makes the whole reload fail, with its reason, and everything stays as it was:
# secrets, certificates, limits and directory, in both processes. Handshakes that
# are under way end with the certificate that they began with, however many
# reloads come meanwhile.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

command -v prlimit >/dev/null || skip_all "needs prlimit"
old=the-old-secret-of-ours
new=the-new-secret-of-ours
make_subscribers
conf() {
	write_conf "" 'drain_ms = 0;'
	sed -i "s|^relay = .*|relay = { listen = \"127.0.0.1:0\"; secret = [ \"$1\" ]; };|" \
	    "$T/switch.conf"
}
conf $old
start_configured
relay=$(part relay)

reload() {
	rp-drain --socket "$T/switch.d/control" --reload 2>"$T/reload.err"
}
# opens SECRET: does it open an allocation?
opens() {
	"$RP_BUILD/t/bench/relayload" -c 1 -d 1 -s "$1" "$(address turn)" \
	    >"$T/opens.out" 2>&1
}
# shows PORT: the certificate's fingerprint.
shows() {
	timeout 20 openssl s_client -connect "$(address "$1")" </dev/null 2>/dev/null |
	    print_of
}
print_of() {
	openssl x509 -noout -fingerprint -sha256
}
# renew: another certificate with another key, which ask trusts.
renew() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -days 9 -subj /CN=x \
	    -addext "subjectAltName=IP:127.0.0.1,DNS:localhost" \
	    -keyout "$T/new.key" -out "$T/new.pem" 2>/dev/null
	cat "$T/new.key" >"$T/switch.d/key.pem"
	cat "$T/new.pem" >"$T/switch.d/cert.pem"
	cat "$T/new.pem" >>"$T/switch.d/ca.pem"
}

limit=$(prlimit --pid "$relay" --nofile --output SOFT --noheadings | tr -d ' ')
prlimit --pid "$relay" --nofile="$limit:" 2>"$T/err" ||
    skip_all "cannot limit another process: $(cat "$T/err")"
before=$(shows turn_tls)
check "the secret opens" opens $old
prlimit --pid "$relay" --nofile=3:
renew
conf $new
echo 'switches = ( "ZA2.example" );' >>"$T/switch.conf"
sed -i 's|^directory = .*|directory = "sqlite:switch.d/new.db";|' \
    "$T/switch.conf"
reload
is $? 1 "the relay's process has no descriptor for what is new: exit 1"
like "$(cat "$T/reload.err")" '^rp-drain: .*relay: Too many open files$' \
    "with its reason"
is "$(metric 'rp_reloads_total{result="failed"}') $(metric \
    rp_config_last_reload_successful)" "1 0" "it is counted"
kill -HUP "$(cat "$T/switch.pid")"
check "a signal does not either" wait_for 10 metric_is \
    'rp_reloads_total{result="failed"}' 2
is "$(grep -c 'event=reload why="relay: Too many open files"' \
    "$T/switch.err")" 2 "both are in the log"
is "$(grep -c 'event=reload ok=1' "$T/switch.err")" 0 "and no success"
is "$(shows call)" "$before" "the switch shows the old certificate"
ask alice GET /switches >/dev/null
is "$(grep -c ZA2 "$T/body")" 0 "nothing else is taken over"
is "$(rp-drain --socket "$T/switch.d/control" --status | grep -c '^directory')" \
    0 "nor the directory"
prlimit --pid "$relay" --nofile="$limit:"
is "$(shows turn_tls)" "$before" "the relay shows the old certificate too"
check "the old secret opens" opens $old
opens $new
is $? 1 "the new one does not"

sed -i 's|new.db|rp.db|' "$T/switch.conf"
reload
is $? 0 "with descriptors the same is taken"
ask alice GET /switches >/dev/null
is "$(grep -c ZA2 "$T/body")" 1 "and all else"
after=$(print_of <"$T/new.pem")
is "$(shows call)" "$after" "the switch shows the new certificate"
is "$(shows turn_tls)" "$after" "as does the relay"
check "the new secret opens" opens $new
opens $old
is $? 1 "the old one does not any more"

# A ClientHello of TLS 1.2 in two parts, between which there are reloads. The
# pair is chosen when the hello is whole, but a handshake keeps its set from the
# beginning.
cat >"$T/slow" <<'EOP'
use IO::Socket::INET;
my ($addr, $client, $go) = @ARGV;
my $listen = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1:0")
    or die;
open my $port, ">", "$client.new" or die;
print $port $listen->sockport;
close $port;
rename "$client.new", $client;
my $in = $listen->accept;
my $out = IO::Socket::INET->new(PeerAddr => $addr) or die;
sysread $in, my $hello, 65536;
syswrite $out, substr $hello, 0, 20;
print STDERR "held\n";
select undef, undef, undef, 0.05 until -e $go;
syswrite $out, substr $hello, 20;
while (1) {
	my $r = "";
	vec($r, fileno $in, 1) = 1;
	vec($r, fileno $out, 1) = 1;
	select $r, undef, undef, undef;
	for ([$in, $out], [$out, $in]) {
		my ($from, $to) = @$_;
		next unless vec $r, fileno $from, 1;
		sysread $from, my $some, 65536 or exit;
		syswrite $to, $some;
	}
}
EOP
start slow perl "$T/slow" "$(address turn_tls)" "$T/slow.port" "$T/go"
wait_for 10 test -s "$T/slow.port"
start client sh -c 'exec openssl s_client -tls1_2 -connect "$0" </dev/null' \
    "127.0.0.1:$(cat "$T/slow.port")"
check "a handshake is under way" wait_for 10 grep -q held "$T/slow.err"
for i in 1 2 3; do
	renew
	check "reload $i" reload
	is "$(shows turn_tls)" "$(print_of <"$T/new.pem")" "is shown"
done
touch "$T/go"
join client
is "$(print_of <"$T/client.out")" "$after" \
    "it ends with the certificate that it began with"
like "$(cat "$T/client.out")" 'Verify return code' "and it ends well"
finish
