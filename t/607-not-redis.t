#!/bin/sh
# A Redis server that sends unrequested or excessive data does not end a switch.
# The switch drops the connection and makes a new one.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
command -v redis-server >/dev/null || skip_all "no redis-server"

# Between the switch and a real server: what is in $ARGV[2] at SIGUSR1 is said
# to all clients, out of turn.
cat >"$T/between" <<'EOF'
use IO::Socket::INET;
use IO::Select;
my ($to, $ready, $file) = @ARGV;
my $listener = IO::Socket::INET->new(LocalAddr => "127.0.0.1",
    Listen => 10) or die;
open(my $out, ">", "$ready.new") or die;
print $out $listener->sockport;
close($out);
rename("$ready.new", $ready);
my $all = IO::Select->new($listener);
my (%other, %client);
my $say = 0;
$SIG{USR1} = sub { $say = 1 };
$SIG{PIPE} = "IGNORE";
while (1) {
	my @ready = $all->can_read(0.05);
	if ($say) {
		$say = 0;
		open(my $in, "<", $file) or die;
		my $text = join("", <$in>);
		syswrite($_, $text) for values %client;
	}
	for my $s (@ready) {
		if ($s == $listener) {
			my $c = $listener->accept or next;
			my $r = IO::Socket::INET->new(PeerAddr => $to) or next;
			($other{$c}, $other{$r}) = ($r, $c);
			$client{$c} = $c;
			$all->add($c, $r);
		} elsif (sysread($s, my $text, 65536)) {
			syswrite($other{$s}, $text);
		} else {
			my $o = $other{$s} or next;
			$all->remove($s, $o);
			delete @client{$s, $o};
			delete @other{$s, $o};
			close($s), close($o);
		}
	}
}
EOF

make_subscribers
port=$(perl -MSocket -e 'socket(S, AF_INET, SOCK_STREAM, 0);
    bind(S, sockaddr_in(0, INADDR_LOOPBACK));
    print +(sockaddr_in(getsockname(S)))[0]')
start redis redis-server --bind 127.0.0.1 --port "$port" --dir "$T" --save ""
wait_for 10 redis-cli -p "$port" ping
start between perl "$T/between" "127.0.0.1:$port" "$T/between.port" "$T/text"
wait_for 10 test -s "$T/between.port"
db=redis://127.0.0.1:$(cat "$T/between.port")
for who in alice bob; do
	printf '%s %s\n' $who "$(printf %s "$(token $who)" | sha256sum |
	    cut -d ' ' -f 1)"
done >"$T/both"
check "subscribers" rp-users --db "$db" import "$T/both"
write_conf ""
sed -i "s|^directory = .*|directory = \"$db\";|" "$T/switch.conf"
start_configured
is "$(ask alice GET /keepalive)" 200 "a switch looks them up"

# says WHAT TEXT: and a connection is lost for it, and comes back.
losses=0
says() {
	printf '%b' "$2" >"$T/text"
	losses=$((losses + 1))
	kill -USR1 "$(cat "$T/between.pid")"
	check "$1: the connection is given up" wait_for 20 lost $losses
	check "and made again" wait_for 20 metric_is rp_gate_open 1
	check "the switch stands" running switch
	is "$(ask alice GET /keepalive)" 200 "and looks up as before"
}
lost() {
	[ "$(grep -c 'event=directory_link .*up=0' "$T/switch.err")" -ge "$1" ]
}
says "a word" '+HELLO\r\n'
says "a number" ':7\r\n'
says "a message to subscribers" \
    '*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nb\r\n'
says "nothing, twice" '$-1\r\n$-1\r\n'
says "a billion elements" '*1000000000\r\n$1\r\na\r\n'
says "another protocol" 'SSH-2.0-OpenSSH_9.2p1\r\n'
stop switch
is $? 0 "it ends in order"
finish
