#!/bin/sh
# A reader that stalls cannot hold up a switch: a log that is not read (a pipe's
# or syslog's), a service manager that does not read, closed descriptors.
# Control, metrics and calls go on. Lost log lines are counted, and the gap is
# reported in its place once the log is read again. syslog gets whole lines with
# their priorities.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/owndev.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
write_conf "rp-pushsend --dev"
cp "$T/switch.conf" "$T/good.conf"
# Reloads that fail make long lines: some 400 bytes.
cp "$T/good.conf" "$T/bad.conf"
printf '%s = 1;\n' "$(head -c 250 /dev/zero | tr '\0' k)" >>"$T/bad.conf"

# fill SOCKET METRIC-ADDRESS: reloads until lines are lost, then a hundred more;
# prints how many reloads.
cat >"$T/fill" <<'EOF'
use IO::Socket::UNIX;
use IO::Socket::INET;
my ($path, $metrics) = @ARGV;
my $n = 0;
sub lost {
	my $s = IO::Socket::INET->new(PeerAddr => $metrics, Timeout => 10) or
	    die "metrics: $!";
	print $s "GET /metrics HTTP/1.0\r\n\r\n";
	my $text = join("", <$s>);
	return $text =~ /^rp_log_lost_total (\d+)/m ? $1 : 0;
}
my $s = IO::Socket::UNIX->new(Peer => $path) or die "control: $!";
$s->autoflush(1);
alarm 60;
while ($n < 30000 && lost() < 100) {
	print $s "{\"v\":1,\"do\":\"reload\"}\n" x 20;
	<$s> for 1 .. 20;
	$n += 20;
}
print "$n\n";
EOF
fill() {
	cp "$T/bad.conf" "$T/switch.conf"
	perl "$T/fill" "$T/switch.d/control" "$(address metrics)"
	cp "$T/good.conf" "$T/switch.conf"
}
status() {
	timeout 10 rp-drain --socket "$T/switch.d/control" --status
}
# calls WHAT: a call from alice to bob completes.
calls() {
	for who in alice bob; do
		sed -i "s|^switch = .*|switch = \"$(address call)\";|" \
		    "$T/switch.d/$who.conf"
	done
	rm -f "$T/bob.ready"
	start bob rp-dial --account "$T/switch.d/bob.conf" --answer --echo \
	    --once --ready-file "$T/bob.ready"
	wait_for 10 test -s "$T/bob.ready"
	check "$1" timeout 60 rp-dial --account "$T/switch.d/alice.conf" \
	    --duration 1 bob
	join bob
}
# lost_in FILE: all that its lines say is missing.
lost_in() {
	sed -n 's/.* event=log_lost lost=\([0-9]*\)$/\1/p' "$1" |
	    awk '{ n += $1 } END { print n + 0 }'
}
# ended NAME: for wait_for; joined or not.
ended() {
	! grep -q '^State:.[^Z]' "/proc/$(cat "$T/$1.pid")/status"
}
# told FILE: for wait_for; the loss, and what was said after it.
told() {
	sed '1,/event=log_lost/d' "$1" | grep -q 'event=reload ok=1'
}

# A pipe that somebody has open and does not read.
mkfifo "$T/log"
start holder sh -c 'exec sleep 600 <"$0"' "$T/log"
start switch sh -c 'exec "$@" 2>"$0"' "$T/log" rp-switchd \
    -c "$T/switch.conf" --ready-file "$T/switch.ready"
check "a switch whose log is not read starts" wait_for 20 test -s \
    "$T/switch.ready"
reloads=$(fill)
echo "# $reloads reloads"
like "$reloads" '^[0-9]+$' "and takes any number of reloads"
check "it answers rp-drain" status
calls "a call completes"
lost=$(metric rp_log_lost_total)
like "$lost" '^[1-9][0-9]*$' "lines are lost, and counted: $lost"
start reader sh -c 'exec cat <"$0"' "$T/log"
check "once it is read" wait_for 20 grep -q event=log_lost "$T/reader.out"
check "the log goes on" rp-drain --socket "$T/switch.d/control" --reload
check "behind what it says of the loss" wait_for 20 told "$T/reader.out"
lost=$(metric rp_log_lost_total)
is "$(lost_in "$T/reader.out")" "$lost" "the line and the metric agree"
# Each reload is two lines, the last one too. Of the call some are lost as well.
others=$(($(grep -cE 'event=(control|reload) ' "$T/reader.out") + lost -
    2 * (reloads + 1)))
is "$(test $others -ge 0 && test $others -lt 20 && echo few)" few \
    "no reload is missing that is not told ($others other lines are)"
is "$(grep -vcE '^time=[^ ]* tool=[^ ]* level=[a-z]* event=' \
    "$T/reader.out")" 0 "no line is torn"
stop reader KILL
fill >/dev/null
kill -TERM "$(cat "$T/switch.pid")"
check "it ends, though nobody reads that" wait_for 20 ended switch
stop switch KILL
stop holder KILL

# The same of what it starts.
start holder sh -c 'exec sleep 600 <"$0"' "$T/log"
echo 'log_level = "debug";' >"$T/push.conf"
perl -e 'print "{\"id\":\"$_\",\"type\":\"webpush\",\"to\":{\"endpoint\":" .
    "\"http://192.0.2.1/\"},\"payload\":{},\"ttl\":1}\n" for 1 .. 30000' \
    >"$T/requests"
timeout 60 rp-pushsend -c "$T/push.conf" <"$T/requests" >"$T/results" 2>"$T/log"
is "$? $(wc -l <"$T/results")" "0 30000" \
    "rp-pushsend answers all, though nobody reads its log"
stop holder KILL

# A service manager that does not read: it would have room for ten.
perl -e 'use Socket; socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die;
    bind($s, sockaddr_un($ARGV[0])) or die; sleep 600' "$T/notify" &
echo $! >"$T/manager.pid"
rp_started="$rp_started manager"
wait_for 10 test -S "$T/notify"
rm -f "$T/switch.ready"
start switch env NOTIFY_SOCKET="$T/notify" rp-switchd -c "$T/switch.conf" \
    --ready-file "$T/switch.ready"
wait_for 20 test -s "$T/switch.ready"
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	timeout 10 rp-drain --socket "$T/switch.d/control" --reload || break
done
check "a service manager that does not read" status
stop switch
stop manager KILL

# Closed: what is opened next must not be taken for one of them.
rm -f "$T/switch.ready"
start switch sh -c 'exec "$@" <&- >&- 2>&-' sh rp-switchd \
    -c "$T/switch.conf" --ready-file "$T/switch.ready"
check "without descriptors it starts" wait_for 20 test -s "$T/switch.ready"
is "$(cd "/proc/$(cat "$T/switch.pid")/fd" && readlink 0 1 2 | xargs)" \
    "/dev/null / /dev/null" "nothing else has taken their places"
calls "and a call completes"
stop switch

# syslog, in a mount namespace whose /dev is ours.
own_dev "syslog"
inside() {
	nsenter -m -t "$(cat "$T/own.pid")" "$@"
}
cat >"$T/syslogd" <<'EOF'
use Socket;
$| = 1;
unlink "/dev/log";
socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die;
bind($s, sockaddr_un("/dev/log")) or die;
print "ready\n";
while (defined recv($s, my $text, 4096, 0)) {
	$text =~ s/\n/<newline>/g;
	print "$text\n";
}
EOF
daemon() {
	start "$1" nsenter -m -t "$(cat "$T/own.pid")" perl "$T/syslogd"
	wait_for 10 grep -q ready "$T/$1.out"
}
start_logging() {
	rm -f "$T/switch.ready"
	start switch nsenter -m -t "$(cat "$T/own.pid")" rp-switchd \
	    -c "$T/switch.conf" --ready-file "$T/switch.ready"
	wait_for 20 test -s "$T/switch.ready"
}
log_reload() {
	rp-drain --socket "$T/switch.d/control" --reload
}

echo 'log = { syslog = true; };' | tee -a "$T/good.conf" >>"$T/bad.conf"
cp "$T/good.conf" "$T/switch.conf"
daemon first
start_logging
check "syslog is told" wait_for 10 grep -q event=ready "$T/first.out"
stamp='[A-Z][a-z]{2} [ 1-3][0-9] [0-9:]{8}'
pid=$(cat "$T/switch.pid")
like "$(grep event=ready "$T/first.out")" "^<30>$stamp rp-switchd\\[$pid\\]:\
 time=[^ ]+ tool=rp-switchd level=info event=ready name=127.0.0.1 " \
    "in its own form, as daemon.info"
cp "$T/bad.conf" "$T/switch.conf"
log_reload 2>/dev/null
check "an error" wait_for 10 grep -q event=reload "$T/first.out"
like "$(grep event=reload "$T/first.out")" '^<27>.* level=error event=reload ' \
    "is daemon.err"
is "$(cat "$T/switch.err")" "" "standard error is told nothing"

# A daemon that hangs, one that is restarted.
kill -STOP "$(cat "$T/first.pid")"
reloads=$(fill)
like "$reloads" '^[0-9]+$' "a daemon that hangs holds nothing up"
check "the switch answers" status
calls "a call completes"
kill -CONT "$(cat "$T/first.pid")"
check "once it does not" wait_for 20 grep -q event=log_lost "$T/first.out"
log_reload
check "it goes on behind what is said of the loss" wait_for 20 told \
    "$T/first.out"
is "$(lost_in "$T/first.out")" "$(metric rp_log_lost_total)" \
    "the line and the metric agree"
like "$(grep -m 1 event=log_lost "$T/first.out")" '^<27>' "as an error"
lost=$(metric rp_log_lost_total)
stop first KILL
log_reload
daemon second
check "a daemon that was restarted" wait_for 10 grep -q 'event=reload ok=1' \
    "$T/second.out"
is "$(metric rp_log_lost_total)" "$lost" "misses nothing"
stop switch
check "to the end" wait_for 10 grep -q event=stopped "$T/second.out"
stop second KILL

# None at all, at first.
inside rm -f /dev/log
start_logging
check "without a daemon the switch starts" status
daemon third
check "whose lines wait for one" wait_for 10 grep -q event=ready \
    "$T/third.out"
stop switch
finish
