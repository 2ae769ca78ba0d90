#!/bin/sh
# rp-drain for scripts and service managers. --status has an exit status for
# each state of a switch. A drain that belongs to a stop cannot be cancelled,
# and says so; SIGTERM does not shorten a drain. ^C of a waiting rp-drain says
# that the drain goes on. When the system goes down, a drain takes no hours.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

socket=$T/switch.d/control
drain() {
	timeout 30 rp-drain --socket "$socket" "$@" >"$T/out" 2>"$T/err"
}
# exits STATUS ARGUMENT...: for wait_for.
exits() {
	rp_wanted=$1
	shift
	drain "$@"
	[ $? = "$rp_wanted" ]
}

# The states.
make_subscribers
write_conf "exec $T/pusher $T" 'drain_ms = 100;'
drain --status
is $? 4 "no switch runs there: 4"
like "$(cat "$T/err")" 'No such file.*no switch runs there$' "and says so"
perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0);
    bind(S, sockaddr_un($ARGV[0]))' "$socket"
export RUNTIME_DIRECTORY="$T"	# as systemd says where the unit's is
for task in --status --undrain --reload --sessions ""; do
	# shellcheck disable=SC2086
	drain $task
	is $? 4 "nobody listens on it, $task: 4"
done
start_configured
wakeable bob
drain --status
is $? 0 "it takes new calls: 0"
check "--json too" exits 0 --status --json
drain
drain --status
is $? 6 "it drains: 6"
like "$(cat "$T/out")" 'new calls: refused \(draining' "and says so"
drain --undrain
like "$(grep event=control_path "$T/switch.err")" "wanted=$T/control " \
    "a socket where the unit does not look is warned of"
mv "$T/switch.d/rp.db" "$T/away.db"
stop switch
export RUNTIME_DIRECTORY="$T/switch.d"
start_configured
is "$(grep -c event=control_path "$T/switch.err")" 0 "one where it does: not"
check "no directory: 7" wait_for 10 exits 7 --status
like "$(cat "$T/out")" 'new calls: refused \(no-directory' "and says so"
drain
drain --status
is $? 6 "that and a drain: 6"
drain --undrain
mv "$T/away.db" "$T/switch.d/rp.db"
check "the directory is back: 0" wait_for 10 exits 0 --status
rm "$socket"
check "its file is removed: it is made anew" wait_for 10 exits 0 --status
like "$(grep event=control_bound "$T/switch.err")" 'its file was removed' \
    "and the log says so"

# A switch that hangs: also when nobody can connect any more.
hang=$T/hang
start hang perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0);
    bind(S, sockaddr_un($ARGV[0])); listen(S, 0);
    socket(C, AF_UNIX, SOCK_STREAM, 0); connect(C, sockaddr_un($ARGV[0]));
    $| = 1; print "full\n"; sleep 600' "$hang"
wait_for 10 grep -q full "$T/hang.out"
timeout 30 rp-drain --socket "$hang" --status >"$T/out" 2>"$T/err"
is $? 5 "it accepts nothing: 5"
like "$(cat "$T/err")" 'takes no connection' "and says so"
kill -STOP "$(cat "$T/switch.pid")"
drain --status
is $? 5 "it hangs: 5"
kill -CONT "$(cat "$T/switch.pid")"
like "$(cat "$T/err")" 'does not answer' "and says so"

# ^C, with a call that is left.
talk alice alice
say alice "INITIATE /session/bob body=offer"
check "a call" heard alice '^response 200'
id=$(sed -n 's/.*"sessionId":"\([0-9a-f]*\)".*/\1/p' "$T/alice.out")
# interrupted NAME SIGNAL: the wait of a drain ends by it.
interrupted() {
	rm -f "$T/$1.out"
	start "$1" perl -e '$SIG{INT} = $SIG{TERM} = "DEFAULT"; exec @ARGV' \
	    rp-drain --socket "$socket"
	wait_for 10 grep -q '^calls=1 ' "$T/$1.out"
	stop "$1" "$2"
}
interrupted waits INT
is $? 130 "^C of a wait: by the signal"
like "$(cat "$T/waits.err")" \
    "the drain goes on: rp-drain --socket $socket --undrain cancels it" \
    "says that the drain goes on"
check "as it does" exits 6 --status
interrupted waits2 TERM
is $? 143 "TERM likewise"
drain --undrain
is $? 0 "it is cancelled"

# Old rp-drain or old switch: a member that a switch does not know.
start old perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0);
    bind(S, sockaddr_un($ARGV[0])); listen(S, 5); accept(C, S); $| = 1;
    while (<C>) {
	print;
	my ($id) = /"id":(\d+)/;
	syswrite C, /final/ ? qq({"v":1,"id":$id,"error":"malformed",)
	    . qq("why":"has an unknown member"}\n) : qq({"v":1,"id":$id,)
	    . qq("status":{"name":"old","version":"0.1.0","pid":1,)
	    . qq("uptime_ms":1,"open":false,"reasons":["draining"],)
	    . qq("draining_ms":5,"calls":0,"oldest_ms":0,"connections":0}}\n);
    }' "$T/old.control"
wait_for 10 test -S "$T/old.control"
timeout 20 rp-drain --socket "$T/old.control" --final >"$T/out" 2>"$T/err"
is $? 0 "--final on an older switch drains it"
stop old

# The system goes down.
mkdir "$T/bin"
cat >"$T/bin/systemctl" <<EOF
#!/bin/sh
[ "\$*" = is-system-running ] && cat "$T/system"
EOF
chmod +x "$T/bin/systemctl"
echo running >"$T/system"
rm -f "$T/waits.out"
start waits env PATH="$T/bin:$PATH" rp-drain --socket "$socket" \
    --force-after 14400 --shutdown-after 0
wait_for 10 grep -q '^calls=1 ' "$T/waits.out"
check "while the system runs, the call does" running waits
echo stopping >"$T/system"
join waits
is $? 0 "the system goes down: the drain ends"
check "the caller hears that the call moved" \
    heard alice "^request HANGUP /session/$id moved"
drain --undrain
bye alice

# A stop. What is final cannot be cancelled, and the call goes on.
talk carol alice
say carol "INITIATE /session/bob body=offer"
check "another call" heard carol '^response 200'
id=$(sed -n 's/.*"sessionId":"\([0-9a-f]*\)".*/\1/p' "$T/carol.out")
rm -f "$T/waits.out"
start waits rp-drain --socket "$socket" --force-after 14400 --final
wait_for 10 grep -q '^calls=1 ' "$T/waits.out"
drain --undrain
is $? 8 "--undrain while it is being stopped: 8"
like "$(cat "$T/err")" 'the switch is being stopped' "and says why"
check "it drains on" exits 6 --status
check "the first rp-drain waits on" running waits
forced=$(grep -c drain_forced "$T/switch.err")
was_forced() {
	[ "$(grep -c drain_forced "$T/switch.err")" != "$forced" ]
}
kill -TERM "$(cat "$T/switch.pid")"
check "SIGTERM comes" wait_for 10 grep -q event=signal "$T/switch.err"
check "and does not shorten the drain (drain_ms = 100)" never 0.4 was_forced
check "the switch runs" running switch
ask_port=answer
is "$(ask alice HANGUP "/session/$id")" 200 "the call ends by itself"
join waits
is $? 0 "rp-drain: drained"
join switch
is $? 0 "and the switch ends"

# SIGTERM alone.
start_configured
talk dave alice
say dave "INITIATE /session/bob body=offer"
check "a third call" heard dave '^response 200'
sed -i 's/drain_ms = 100/drain_ms = 60000/' "$T/switch.conf"
kill -HUP "$(cat "$T/switch.pid")"
check "a reload" wait_for 10 metric_is 'rp_reloads_total{result="ok"}' 1
kill -TERM "$(cat "$T/switch.pid")"
check "SIGTERM" wait_for 10 exits 6 --status
drain --undrain
is $? 8 "--undrain after SIGTERM: 8"
drain --force-after 0
is $? 0 "--force-after hurries it"
join switch
is $? 0 "and it ends"
finish
