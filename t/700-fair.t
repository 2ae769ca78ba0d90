#!/bin/sh
# Nobody keeps a switch's loop from turning, whichever of its ports is flooded:
# by strangers, by a subscriber or by the operator's own tools. All the while
# the watchdog is fed, metrics and rp-drain are answered, and a call is placed
# and answered. No file but that of the loop runs an event in the turn in which
# it was asked for. Runs in a network namespace of its own.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/flood.sh"

own_network "$0" "$@"
is "$(cd "$RP_SRC" && grep -rl 'event_active(' bin lib)" lib/net/loop.c \
    "only the loop activates events"
start_watched
start bob rp-dial --account "$T/switch.d/bob.conf" --answer --echo \
    --ready-file "$T/bob.ready"
wait_for 10 test -s "$T/bob.ready"

fed_more() {
	[ "$(fed)" -ge $((fed + 5)) ]
}
# A machine that is busy with others closes the gate for a moment, too.
is_open() {
	rp-drain --socket "$T/switch.d/control" --status --json | jq -e .open
}
calls_bob() {
	wait_for 20 is_open
	timeout 20 rp-dial --account "$T/switch.d/alice.conf" --duration 0.2 \
	    bob >"$T/alice.out" 2>&1
}
# goes_on NAME FILE: while FILE, a count of bytes at the end of its last line,
# grows.
count() {
	tail -n 1 "$1" | sed 's/^sent=//; s/ .*//'
}
grows() {
	[ "$(count "$1")" -gt "$2" ]
}
goes_on() {
	fed=$(fed)
	check "$1: the watchdog is fed" wait_for 10 fed_more
	is "$(curl -sS --max-time 10 "http://$(address metrics)/metrics" |
	    grep -c '^rp_gate_open ')" 1 "$1: metrics are answered"
	is "$(timeout 10 rp-drain --socket "$T/switch.d/control" --status --json |
	    jq -r '.open | type')" boolean "$1: so is rp-drain"
	check "$1: a call is placed and answered" once_in 3 calls_bob
	check "$1: and all the while it went on" wait_for 10 grows "$2" "$3"
}
# floods NAME FLOOD-NAME: what t/tools/flood does.
floods() {
	goes_on "$1" "$T/$2.out" "$(count "$T/$2.out")"
	stop "$2"
}

start_flood plain turn_tcp -p -n 8 -x "$flood_allocate"
floods "requests over TCP" plain
start_flood plain turn_tcp -p -n 8 -x "$flood_data"
floods "frames over TCP" plain
start_flood scrapes metrics -p -n 40 -t 'GET /metrics HTTP/1.1\r\n\r\n'
floods "scrapes" scrapes
start_flood early answer -n 8 -t '\r\n'
floods "empty lines" early
start_flood half call -p -n 200 -x 16
floods "bytes that are not a ClientHello" half

# The control socket: requests one behind the other, on several connections,
# each of which reads what it gets.
cat >"$T/control" <<'EOF2'
use IO::Socket::UNIX;
use IO::Select;
$| = 1;
my ($path, $sent, @all) = ($ARGV[0], 0);
my $text = qq({"v":1,"do":"sessions"}\n{"v":1,"do":"status"}\n) x 50;
for (1 .. 8) {
	my $s = IO::Socket::UNIX->new(Peer => $path) or die;
	$s->blocking(0);
	push @all, $s;
}
my $wait = IO::Select->new(@all);
for (my $n = 1;; $n++) {
	my ($read, $write) = IO::Select::select($wait, $wait, undef, 1);
	sysread $_, my $answer, 65536 for @{ $read // [] };
	for (@{ $write // [] }) {
		my $n = syswrite $_, $text;
		$sent += $n if defined $n;
	}
	print "sent=$sent\n" if $n % 100 == 0;
}
EOF2
start control perl "$T/control" "$T/switch.d/control"
wait_for 20 grows "$T/control.out" 100000
goes_on "the control socket" "$T/control.out" "$(count "$T/control.out")"
stop control
stop bob
finish
