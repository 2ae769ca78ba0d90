#!/bin/sh
# Life as a process. As process 1 a switch waits for orphans, and still sees its
# push command end. Signals that mean nothing change nothing in the tools that run
# for long. Every tool works with any of its standard descriptors closed, and
# opens no other file there. A group may use the control socket. A listening
# address that no interface has yet is waited for.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

# Process 1, whose push command leaves five orphans at each start and then ends.
make_subscribers
cat >"$T/orphans" <<EOF
#!/bin/sh
for i in 1 2 3 4 5; do
	(sleep 0.2 &)
done
echo >>"$T/starts"
sleep 0.4
EOF
chmod +x "$T/orphans"
starts() {
	[ "$(wc -l <"$T/starts")" -ge "$1" ]
}
# zombies PID: the defunct children of a process.
zombies() {
	ps -o stat= --ppid "$1" | grep -c '^Z'
}
no_zombies() {
	[ "$(zombies "$1")" = 0 ]
}
unshared="unshare --pid --fork --mount-proc --kill-child"
[ "$(id -u)" = 0 ] || unshared="unshare -r --pid --fork --mount-proc --kill-child"
if $unshared true 2>/dev/null; then
	: >"$T/starts"
	write_conf "exec $T/orphans"
	rm -f "$T/switch.ready"
	# shellcheck disable=SC2086
	start first $unshared rp-switchd -c "$T/switch.conf" \
	    --ready-file "$T/switch.ready"
	wait_for 20 test -s "$T/switch.ready" ||
	    give_up "rp-switchd starts as process 1" "$T/first.err"
	one=$(pgrep -P "$(cat "$T/first.pid")" rp-switchd)
	check "process 1: its push command ends and starts" wait_for 30 starts 3
	check "it sees that it ended" wait_for 10 grep -q \
	    'event=push_child_ended' "$T/first.err"
	rm "$T/orphans"		# no more of them
	check "all orphans are waited for" wait_for 10 no_zombies "$one"
	is "$(probe=$(metric rp_gate_open); [ -n "$probe" ] && echo yes)" yes \
	    "the switch runs"
	kill -TERM "$one"
	join first
	is $? 0 "SIGTERM ends it as ever"
else
	skip "process 1" "needs namespaces of processes"
fi

# Signals.
meaningless="USR1 USR2 ALRM VTALRM PROF IO PWR 16 PIPE XFSZ CHLD CONT
    WINCH URG RTMIN RTMIN+1 RTMAX"
# unmoved NAME PID: it is as it was after each of them.
unmoved() {
	for signal in $meaningless $3; do
		kill -"$signal" "$2" || return 1
		kill -0 "$2" || { echo "$signal ended it" && return 1; }
	done
	never 0.3 ended "$2"
}
ended() {
	! kill -0 "$1" || [ "$(ps -o stat= -p "$1" | cut -c 1)" = T ]
}
write_conf "rp-pushsend --dev"
rm -f "$T/switch.ready"
# A shell has its background ignore QUIT.
start switch env --default-signal=QUIT rp-switchd -c "$T/switch.conf" \
    --ready-file "$T/switch.ready"
wait_for 20 test -s "$T/switch.ready" || give_up "it starts" "$T/switch.err"
pid=$(cat "$T/switch.pid")
check "a push command runs" wait_for 10 metric_is rp_push_child_up 1
sender=$(pgrep -P "$pid" -f rp-pushsend)
# The shell may stand between them.
sender=$(pgrep -P "$sender" rp-pushsend || echo "$sender")
check "meaningless signals: rp-switchd goes on" \
    unmoved rp-switchd "$pid" "TSTP TTIN TTOU"
check "and rp-pushsend" unmoved rp-pushsend "$sender" "TSTP TTIN TTOU"
is "$(metric rp_push_restarts_total)" 0 "which was not started again"
sed -i "s|^switch = .*|switch = \"$(address call)\";|" \
    "$T/switch.d/alice.conf" "$T/switch.d/bob.conf"
start bob rp-dial --account "$T/switch.d/bob.conf" --answer --echo \
    --ready-file "$T/bob.ready"
wait_for 10 test -s "$T/bob.ready"
check "and rp-dial --answer" unmoved rp-dial "$(cat "$T/bob.pid")" ""
is "$(metric 'rp_reloads_total{result="ok"}')" 0 "nothing was reloaded"
check "the gate is open" reason ""
kill -HUP "$pid"
kill -HUP "$pid"
check "SIGHUP twice: reloaded" wait_for 10 sh -c \
    "grep -q 'event=reload ok=1' $T/switch.err"
check "and it runs" running switch
stop bob
kill -QUIT "$pid"
join switch
is $? 131 "SIGQUIT ends it at once"
is "$(grep -c event=signal "$T/switch.err")" 0 "without a drain"

# Standard descriptors: each combination of closed ones.
# closes SET COMMAND...: run it with these closed.
closes() {
	rp_set=$1
	shift
	case $rp_set in
	0) "$@" <&- ;;
	1) "$@" >&- ;;
	2) "$@" 2>&- ;;
	01) "$@" <&- >&- ;;
	02) "$@" <&- 2>&- ;;
	12) "$@" >&- 2>&- ;;
	012) "$@" <&- >&- 2>&- ;;
	esac
}
sets="0 1 2 01 02 12 012"
# held PID SET: what was closed is open on nothing that matters.
held() {
	for fd in $(echo "$2" | sed 's/./& /g'); do
		case $(readlink "/proc/$1/fd/$fd") in
		/dev/null | /) ;;
		*) echo "$fd: $(readlink "/proc/$1/fd/$fd")" && return 1 ;;
		esac
	done
}
write_conf "exec $T/pusher $T"
for set in $sets; do
	rm -f "$T/switch.ready"
	closes "$set" exec rp-switchd -c "$T/switch.conf" \
	    --ready-file "$T/switch.ready" &
	echo $! >"$T/switch.pid"
	rp_started="$rp_started switch"
	wait_for 20 test -s "$T/switch.ready"
	check "rp-switchd, $set closed" held "$(cat "$T/switch.pid")" "$set"
	is "$(ask alice GET /keepalive)" 200 "and it serves"
	stop switch
done
start_configured
sed -i "s|^switch = .*|switch = \"$(address call)\";|" "$T/switch.d/bob.conf"
for set in $sets; do
	rm -f "$T/bob.ready"
	closes "$set" exec rp-dial --account "$T/switch.d/bob.conf" --answer --echo \
	    --ready-file "$T/bob.ready" &
	echo $! >"$T/bob.pid"
	rp_started="$rp_started bob"
	wait_for 10 test -s "$T/bob.ready"
	check "rp-dial, $set closed" held "$(cat "$T/bob.pid")" "$set"
	stop bob
done
# The short ones: a file that they write holds nothing else.
export=$T/export
for set in $sets; do
	rm -f "$T/key.pem" "$export"
	closes "$set" rp-pushsend --new-key "$T/key.pem"
	check "rp-pushsend --new-key, $set closed" \
	    openssl pkey -in "$T/key.pem" -noout
	is "$(grep -cv '^[A-Za-z0-9+/=-]' "$T/key.pem")" 0 "and only a key"
	closes "$set" rp-drain --socket "$T/switch.d/control" --status
	is "$(case $?:$set in 0:0 | 0:2 | 0:02 | 1:*1*) echo yes ;; esac)" yes \
	    "rp-drain, $set closed: works, or says that it cannot print"
	closes "$set" rp-users --db "sqlite:$T/switch.d/rp.db" list
	is "$(case $?:$set in 0:0 | 0:2 | 0:02 | [1-9]*:*1*) echo yes ;; esac)" \
	    yes "rp-users, $set closed: likewise"
	closes "$set" rp-regionprobe --version
	is "$(case $? in 0 | 1) echo yes ;; esac)" yes "rp-regionprobe, $set closed"
done
stop switch

# A group may use the control socket.
write_conf "exec $T/pusher $T" 'control_group = "no-such-group";'
rp-switchd -c "$T/switch.conf" >"$T/out" 2>"$T/err"
is $? 1 "no such group: exit 1"
like "$(cat "$T/err")" 'control_group: .*no such group' "and says so"
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	mkdir "$T/bin" "$T/run"
	cp "$(command -v rp-drain)" "$T/bin"
	chmod 711 "$T" "$T/bin"
	chmod 700 "$T/run"
	write_conf "exec $T/pusher $T" 'control_group = "4321";'
	sed -i 's|^control = .*|control = "run/control";|' "$T/switch.conf"
	# member GID ARGUMENT...: ask as somebody of that group.
	member() {
		rp_gid=$1
		shift
		setpriv --reuid 65534 --regid "$rp_gid" --clear-groups \
		    "$T/bin/rp-drain" --socket "$T/run/control" "$@" \
		    >"$T/out" 2>"$T/err"
	}
	start_configured
	is "$(stat -c '%g %a' "$T/run/control")" "4321 660" \
	    "the socket is the group's, and nobody else's"
	like "$(grep event=control_group "$T/switch.err")" 'cannot enter' \
	    "a folder that the group cannot enter is told"
	stop switch
	chmod 711 "$T/run"
	start_configured
	is "$(grep -c event=control_group "$T/switch.err")" 0 "one that it can: not"
	member 4321 --status
	is $? 0 "a member may ask"
	member 4321 && member 4321 --undrain
	is $? 0 "and drain"
	member 65534 --status
	is $? 1 "somebody else may not"
	like "$(cat "$T/err")" 'Permission denied' "and is told so"
	stop switch
	# Started as root, run as somebody else.
	chmod 1777 "$T/run"
	chmod -R a+rwX "$T/switch.d"
	chmod 777 "$T"
	start_with_user() {
		write_conf "" 'control_group = "4321";' 'user = "nobody";'
		sed -i 's|^control = .*|control = "run/control";|' \
		    "$T/switch.conf"
		chmod a+r "$T/switch.conf"
	}
	start_with_user
	start_configured
	is "$(stat -c '%U %g %a' "$T/run/control")" "nobody 4321 660" \
	    "with another user, too"
	stop switch
else
	skip "control_group" "needs root and setpriv(1)"
fi

# An address that comes later, as at boot.
if [ "$(id -u)" = 0 ] && unshare -n true 2>/dev/null &&
    command -v nsenter >/dev/null; then
	write_conf "exec $T/pusher $T"
	sed -i 's/127\.0\.0\.1:0/198.51.100.7:0/' "$T/switch.conf"
	rm -f "$T/switch.ready"
	# shellcheck disable=SC2016
	start switch unshare -n sh -c 'ip link set lo up; exec "$@"' sh \
	    rp-switchd -c "$T/switch.conf" --ready-file "$T/switch.ready"
	wait_for 20 test -s "$T/switch.ready"
	# inside COMMAND...: in the switch's network.
	inside() {
		nsenter -t "$(cat "$T/switch.pid")" -n "$@"
	}
	serves() {
		inside curl -sSf --max-time 5 -o "$T/body" \
		    "http://$(address metrics)/ready"
	}
	check "an address that is not there yet: the switch runs" \
	    running switch
	like "$(grep event=listen "$T/switch.err" | head -n 1)" \
	    'address=198.51.100.7:0 why="no interface has it yet"' \
	    "and says so"
	serves 2>/dev/null
	like "$?" '^(7|28)$' "it cannot be reached"
	inside ip addr add 198.51.100.7/32 dev lo
	check "until the address is there" wait_for 10 serves
	stop switch
else
	skip "an address that comes later" "needs root and a network namespace"
fi
finish
