#!/bin/sh
# Running as a service. The units are well formed and restrictive, and allow all
# that the switch does. The service manager is told of readiness, reloads and
# stops, and the loop feeds its watchdog. The answer port and the relay's can be
# handed over, and are kept over restarts.
# SIGTERM works as process 1, privileges are dropped, and a crash leaves a log
# line.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

if command -v systemd-analyze >/dev/null; then
	mkdir "$T/units"
	for unit in rp-switchd.service rp-switchd@.service; do
		sed "s|@bindir@/\(rp-[a-z]*\)|$RP_BUILD/bin/\1/\1|" \
		    "$RP_SRC/contrib/systemd/$unit.in" >"$T/units/$unit"
	done
	cp "$RP_SRC/contrib/systemd/rp-switchd.socket" "$T/units"
	cp "$T/units/rp-switchd@.service" "$T/units/rp-switchd@a.service"
	is "$(systemd-analyze verify --man=no "$T/units/rp-switchd.service" \
	    "$T/units/rp-switchd@a.service" "$T/units/rp-switchd.socket" 2>&1)" \
	    "" "systemd-analyze verify finds nothing wrong"
	for unit in rp-switchd.service rp-switchd@a.service; do
		score=$(systemd-analyze security --offline=true --no-pager \
		    "$T/units/$unit" 2>&1 | grep 'exposure level')
		echo "# $score"
		like "$score" ': (0|1)\.[0-9] ' "$unit: exposure below 2"
	done
else
	skip "the units" "no systemd-analyze"
fi

# flat GROUP: the system calls in it, groups in it resolved.
flat() {
	systemd-analyze --no-pager syscall-filter "$1" 2>/dev/null |
	    sed -n 's/^    \([a-z@].*\)/\1/p' | while read -r call; do
		case $call in
		@*) flat "$call" ;;
		*) echo "$call" ;;
		esac
	done
}

start_switch switch
if command -v strace >/dev/null && command -v systemd-analyze >/dev/null &&
    [ -z "${RP_SANITIZERS#no}" ]; then
	start traced strace -f -o "$T/strace" rp-switchd --dev "$T/traced.d" \
	    --listen 127.0.0.1:0 --ready-file "$T/traced.ready"
	wait_for 20 test -s "$T/traced.ready"
	rp-drain --socket "$T/traced.d/control" --stop >/dev/null
	join traced
	{
		flat @system-service
		flat @default
		echo seccomp
	} | sort -u >"$T/allowed"
	{
		flat @privileged
		flat @resources
		# SQLite, as root only.
	} | grep -vx fchown | sort -u >"$T/denied"
	comm -23 "$T/allowed" "$T/denied" >"$T/may"
	# The units allow these two again, behind the rest.
	printf "%s\n" fchown capset setpriority >>"$T/may"
	sed -E 's/^[0-9]+ +//' "$T/strace" | grep -oE '^[a-z_0-9]+\(' |
	    tr -d '(' | sort -u >"$T/does"
	# Asked for the limit that the unit has set already; may be denied.
	is "$(grep -vxF -f "$T/may" "$T/does" | grep -vx prlimit64)" "" \
	    "the unit's SystemCallFilter allows what the switch does"
else
	skip "system calls" "no strace or systemd-analyze, or sanitizers"
fi

# A service manager: keeps what it is told.
cat >"$T/manager" <<'EOF'
use Socket;
socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die;
bind($s, sockaddr_un($ARGV[0])) or die;
$| = 1;
while (defined recv($s, my $text, 4096, 0)) {
	print map { "$_\n" } split /\n/, $text;
}
EOF
start manager perl "$T/manager" "$T/notify"
wait_for 5 test -S "$T/notify"
told() {
	wait_for 5 grep -q "$1" "$T/manager.out"
}
start noted env NOTIFY_SOCKET="$T/notify" WATCHDOG_USEC=200000 \
    rp-switchd --dev "$T/noted.d" --listen 127.0.0.1:0 \
    --ready-file "$T/noted.ready"
check "the manager is told: ready" told '^READY=1$'
check "and how it is" told '^STATUS=Taking calls$'
check "the watchdog is fed" wait_for 5 sh -c \
    "[ \$(grep -c WATCHDOG=1 $T/manager.out) -gt 5 ]"
kill -STOP "$(cat "$T/noted.pid")"
fed=$(grep -c WATCHDOG=1 "$T/manager.out")
# One may have been on its way.
fed_more() {
	[ "$(grep -c WATCHDOG=1 "$T/manager.out")" -gt $((fed + 1)) ]
}
check "not by a switch that hangs" never 0.5 fed_more
kill -CONT "$(cat "$T/noted.pid")"
check "a reload by rp-drain" rp-drain --socket "$T/noted.d/control" --reload
check "is told" told '^RELOADING=1$'
kill -TERM "$(cat "$T/noted.pid")"
check "and the end" told '^STOPPING=1$'
join noted
is $? 0 "which is orderly"

# A service manager that hands over sockets, and keeps them itself. It is given
# NAME:TYPE of each, writes NAME=ADDRESS, and runs each line of its input.
cat >"$T/holder" <<'EOF'
use Socket;
use POSIX ();
my (@held, %port);
$^F = 1000;
open(my $out, ">", shift) or die;
for (@ARGV) {
	my ($name, $type) = split /:/;
	my $v6 = $name eq "dual";
	socket(my $s, $v6 ? AF_INET6 : AF_INET,
	    $type eq "stream" ? SOCK_STREAM : SOCK_DGRAM, 0) or die;
	setsockopt($s, SOL_SOCKET, 15, 1) or die;	# SO_REUSEPORT
	my $port = $port{$name} // 0;
	bind($s, $v6 ? sockaddr_in6($port, "\0" x 16) :
	    sockaddr_in($port, INADDR_LOOPBACK)) or die;
	listen($s, 10) or die if $type eq "stream";
	($port{$name}) = $v6 ? sockaddr_in6(getsockname($s)) :
	    sockaddr_in(getsockname($s));
	print $out "$name=", $v6 ? "[::]" : "127.0.0.1", ":$port{$name}\n";
	push @held, POSIX::dup2(fileno($s), 100 + @held);
}
close($out);
while (my $line = <STDIN>) {
	if (!fork) {
		POSIX::dup2($held[$_], 3 + $_) for 0 .. $#held;
		POSIX::close($_) for @held;
		$ENV{LISTEN_FDS} = @held;
		$ENV{LISTEN_PID} = $$;
		exec "exec $line" or die;
	}
	wait;
	open(my $end, ">>", "$ENV{ENDED}") or die;
	print $end $? >> 8, "\n";
}
EOF
# hold NAME:TYPE...: have it hold these.
hold() {
	rm -f "$T/handed" "$T/run" "$T/ended"
	mkfifo "$T/run"
	start holder sh -c "ENDED=$T/ended exec perl $T/holder \
	    $T/handed $* <$T/run"
	exec 8>"$T/run"
	wait_for 5 test -s "$T/handed"
}
# hand_over: run a switch with them, until it is ready or has ended.
hand_over() {
	rm -f "$T/switch.ready" "$T/ended"
	echo "rp-switchd -c $T/switch.conf --ready-file $T/switch.ready" \
	    "2>$T/switch.err </dev/null" >&8
	wait_for 20 sh -c "[ -s $T/switch.ready ] || [ -s $T/ended ]"
}
take_back() {
	rp-drain --socket "$T/switch.d/control" --stop >/dev/null
	wait_for 10 test -s "$T/ended"
}
handed() {
	ready "$T/handed" "$1"
}
ways() {
	rp-dial --account "$T/switch.d/alice.conf" --probe --relay |
	    grep -c ' works: '
}
stop switch
hold answer:stream turn:dgram tcp:stream tls:stream stray:stream dual:dgram
write_conf ""
sed -i -e "s|^answer = .*|answer = { listen = \"$(handed answer)\"; };|" \
    -e "s|^relay = .*|relay = { listen = \"$(handed turn)\"; threads = 1; };|" \
    "$T/switch.conf"
sed -i "/^relay/s|};|tcp_listen = \"$(handed tcp)\"; tls_listen = \"$(handed tls)\"; &|" \
    "$T/switch.conf"
hand_over
for key in answer turn tcp tls; do
	ready "$T/switch.ready" "$key"
	ready "$T/switch.ready" "turn_$key"
done | grep . >"$T/bound"
is "$(cat "$T/bound")" "$(sed -n '1,4s/.*=//p' "$T/handed")" \
    "sockets that are handed over are used: answer, TURN by UDP, TCP and TLS"
like "$(grep event=socket_unused "$T/switch.err")" \
    "type=stream address=$(handed stray) .*no key uses it" \
    "one that no key names is told"
sed -i "s|^switch = .*|switch = \"$(address call)\";|" \
    "$T/switch.d/alice.conf" "$T/switch.d/bob.conf"
ask_port=answer
is "$(ask alice GET /keepalive)" 200 "the answer port is served"
ask_port=call
is "$(ways)" 3 "and the relay, each way"
take_back
is "$(cat "$T/ended")" 0 "after a stop the manager still has them"
hand_over
sed -i "s|^switch = .*|switch = \"$(address call)\";|" "$T/switch.d/alice.conf"
is "$(ways)" 3 "and the next switch is served by each"
take_back
# refused WHY NAME SED: a switch so configured does not start, and says why.
refused() {
	cp "$T/switch.conf" "$T/good.conf"
	sed -i "$3" "$T/switch.conf"
	hand_over
	like "$(cat "$T/ended") $(tail -n 1 "$T/switch.err")" "^1 .*$1" "$2"
	cp "$T/good.conf" "$T/switch.conf"
}
refused "$(handed turn): .* less often than relay.threads" \
    "a socket for each relay thread is wanted" "s/threads = 1/threads = 2/"
refused "$(handed stray): the call port cannot be in a socket unit" \
    "the call port is never taken" \
    "s|^call = .*|call = { listen = \"$(handed stray)\"; };|"
refused 'UDP \[::\]:.*BindIPv6Only=ipv6-only is missing' \
    "nor one for IPv4 and IPv6 at once" \
    "s|^relay = { listen = [^;]*|relay = { listen = \"$(handed dual)\"|"
exec 8>&-
join holder

# Process 1 of a container.
if unshare --pid --fork --mount-proc true 2>/dev/null; then
	start one unshare --pid --fork --kill-child --mount-proc rp-switchd \
	    --dev "$T/one.d" --listen 127.0.0.1:0 --ready-file "$T/one.ready"
	wait_for 20 test -s "$T/one.ready"
	# shellcheck disable=SC2046
	kill -TERM $(cat /proc/"$(cat "$T/one.pid")"/task/*/children)
	join one
	is $? 0 "SIGTERM ends it as process 1"
else
	skip "process 1" "no new pid namespace"
fi

# As root: another user, no capability, sandboxed; and calls are still pushed.
if [ "$(id -u)" = 0 ]; then
	chmod 755 "$T"
	chown -R nobody "$T/switch.d"
	: >"$T/pushes"
	chown nobody "$T/pushes" "$T/status"
	chmod 777 "$T"
	write_conf "exec $T/pusher $T" 'user = "nobody";' 'drain_ms = 0;'
	start_configured
	pid=$(cat "$T/switch.pid")
	is "$(awk '/^Uid/ {print $2, $3, $4}' "/proc/$pid/status")" \
	    "$(id -u nobody) $(id -u nobody) $(id -u nobody)" \
	    "user: it becomes another"
	is "$(cat "/proc/$pid/task"/*/status |
	    awk '/^CapEff|^CapPrm/ {print $2}' | sort -u)" \
	    0000000000000000 "without a capability, in every thread"
	is "$(for task in "/proc/$pid/task"/*/status; do
		awk '/^Seccomp:|^NoNewPrivs/ {print $2}' "$task"
	done | sort | uniq -c | awk '{print $2}' | xargs)" "1 2" \
	    "every thread sandboxed, no new privileges"
	wakeable bob
	like "$(ask alice INITIATE /session/bob --data offer)" '^200' \
	    "a call is placed"
	check "and its push sent" wait_for 5 test -s "$T/pushes"
	stop switch
	write_conf "" 'user = "no-such-user";'
	rp-switchd -c "$T/switch.conf" 2>"$T/err"
	is $? 1 "a user that is none: exit 1"
	like "$(cat "$T/err")" "no-such-user: no such user" "and says so"
else
	skip "user" "not root"
fi

start_switch crashed
kill -SEGV "$(cat "$T/crashed.pid")"
join crashed
is $? 139 "a crash is a crash"
like "$(cat "$T/crashed.err")" \
    'event=crash version=[0-9.]+ build=[0-9a-z]+ signal=SIGSEGV .*frames="[^ "]+[+]0x' \
    "and leaves a line that helps"
finish
