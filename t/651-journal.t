#!/bin/sh
# The journal behind standard error. Each line carries its priority if
# JOURNAL_STREAM names standard error, so that an error is found as one. That
# goes for the switch, its push sender, a start that fails and a crash. Nobody
# else gets priorities. If the journal is stopped and started, lines go to
# /dev/log, and one of them says so.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/owndev.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
write_conf "rp-pushsend --dev"

# journal OFF COMMAND...: the command has a socket as standard error, whose
# inode, plus OFF, is in JOURNAL_STREAM. What comes is printed. At USR1 the
# socket is closed, as that of a journal that is stopped.
cat >"$T/journal" <<'EOF2'
use Socket;
$| = 1;
my $off = shift;
socketpair(my $mine, my $its, AF_UNIX, SOCK_STREAM, 0) or die;
my ($device, $inode) = stat $its;
my $child = fork // die;
if (!$child) {
	close $mine;
	$ENV{JOURNAL_STREAM} = $device . ":" . ($inode + $off);
	open STDERR, ">&", $its or die;
	exec @ARGV or die;
}
close $its;
open my $file, ">", "$ENV{T}/child" or die;
print $file $child;
close $file;
my $stopped = 0;
$SIG{USR1} = sub { $stopped = 1 };
while (!$stopped) {
	my $n = sysread $mine, my $text, 65536;
	last if defined $n && $n == 0;
	print $text if defined $n;
}
close $mine;
waitpid $child, 0;
exit($? & 127 ? 128 + ($? & 127) : $? >> 8);
EOF2
export T
# start_under OFF [COMMAND...]: the switch, under such a journal.
start_under() {
	rp_off=$1
	shift
	rm -f "$T/switch.ready"
	start journal "$@" perl "$T/journal" "$rp_off" rp-switchd \
	    -c "$T/switch.conf" --ready-file "$T/switch.ready"
	wait_for 20 test -s "$T/switch.ready" ||
	    give_up "rp-switchd starts" "$T/journal.out"
}
control() {
	rp-drain --socket "$T/switch.d/control" "$@"
}
said() {
	wait_for 20 grep -qE "$1" "$T/journal.out"
}

start_under 0
check "what is news has priority 6" \
    said '^<6>time=[^ ]* tool=rp-switchd level=info event=ready'
cp "$T/switch.conf" "$T/good.conf"
echo 'nonsense = 1;' >>"$T/switch.conf"
control --reload 2>/dev/null
check "an error has priority 3" \
    said '^<3>time=[^ ]* tool=rp-switchd level=error event=reload '
cp "$T/good.conf" "$T/switch.conf"
kill -TERM "$(pgrep -P "$(cat "$T/child")" -x rp-pushsend ||
    pgrep -P "$(pgrep -d , -P "$(cat "$T/child")")" -x rp-pushsend)"
check "a line of the push sender has its own" \
    said '^<6>time=[^ ]* tool=rp-pushsend level=info event=stopping '
check "and a warning 4" \
    said '^<4>time=[^ ]* tool=rp-switchd level=warn event=push_child_ended '
is "$(grep -vc '^<[3467]>time=' "$T/journal.out")" 0 "no line has none"
kill -SEGV "$(cat "$T/child")"
join journal
is $? 139 "a crash is a crash"
like "$(tail -n 1 "$T/journal.out")" \
    '^<3>time=[0-9-]{10}T[0-9:]{8}\.[0-9]{3}Z tool=rp-switchd level=error event=crash .*frames="' \
    "and an error, with its time"

# Redirected: somebody else reads standard error.
start_under 1
check "without the journal there is no priority" \
    said '^time=[^ ]* tool=rp-switchd level=info event=ready'
kill -TERM "$(cat "$T/child")"
join journal
is "$(grep -c '^<' "$T/journal.out")" 0 "on no line"

# A start that fails says so as an error.
echo 'nonsense = 1;' >"$T/bad.conf"
perl "$T/journal" 0 rp-switchd -c "$T/bad.conf" >"$T/failed"
is "$?" 1 "a start fails"
like "$(cat "$T/failed")" '^<3>rp-switchd: .*bad\.conf:1: ' "as an error"
perl "$T/journal" 0 rp-drain --socket "$T/nowhere" --status >"$T/failed"
like "$(cat "$T/failed")" '^<3>rp-drain: ' "and so does a tool"

# Stopped and started, in a mount namespace whose /dev is ours.
own_dev "a journal is restarted"
cat >"$T/syslogd" <<'EOF2'
use Socket;
$| = 1;
socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die;
bind($s, sockaddr_un("/dev/log")) or die;
print "ready\n";
print "$_\n" while defined recv($s, $_, 4096, 0);
EOF2
inside="nsenter -m -t $(cat "$T/own.pid")"
# shellcheck disable=SC2086
start_under 0 $inside
said event=ready
kill -USR1 "$(cat "$T/journal.pid")"
# Its first words find the stream closed, and wait for a daemon.
check "a journal stops" control --reload
check "and the switch goes on" control --status
# shellcheck disable=SC2086
start daemon $inside perl "$T/syslogd"
wait_for 10 grep -q ready "$T/daemon.out"
check "the lines wait for the next" wait_for 20 \
    grep -q 'tool=rp-switchd .*event=reload ok=1' "$T/daemon.out"
check "which is told once why they come there" wait_for 20 grep -q \
    '^<28>.* tool=rp-switchd level=warn event=log_moved to=/dev/log why="the journal was restarted"' \
    "$T/daemon.out"
control --reload
again() {
	[ "$(grep -c 'tool=rp-switchd .*event=reload ok=1' "$T/daemon.out")" = 2 ]
}
check "the next line comes as well" wait_for 20 again
is "$(grep -c 'tool=rp-switchd .*event=log_moved' "$T/daemon.out")" 1 "and no second word on that"
is "$(metric rp_log_lost_total)" 0 "nothing is lost"
kill -SEGV "$(cat "$T/child")"
join journal
check "a crash is told there, too" wait_for 20 \
    grep -q '^<27>rp-switchd: time=.* event=crash ' "$T/daemon.out"
finish
