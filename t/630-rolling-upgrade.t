#!/bin/sh
# The steps of a rolling upgrade, with commands in place of ssh and of a switch:
# their order, how many run at a time, and what happens when one fails. A later
# run continues from there, and one after a complete run begins anew. No run ever
# takes every switch away. What runs in the end is compared with what is
# installed. A host that is down, or says nothing, ends the run or is left out.
# When it is stopped, by ^C on a terminal or otherwise, it cleans up: drains are
# undone, other steps are waited for, and no process stays behind.
. "$(dirname "$0")/lib.sh"

script=$RP_SRC/contrib/rolling-upgrade/rolling-upgrade
cd "$T" || exit 1
mkdir down
printf '# ours\na\nb b.example:1\n\nc\n' >hosts

# on HOST COMMAND: what a host does. It notes what it was told, and fails with
# the status in fail.HOST.COMMAND. Where slow.HOST names the command, it takes
# until there is release.HOST. The program that is installed is in program.HOST
# and the one that runs in process.HOST, if they are not the usual ones.
cat >on <<'EOS'
#!/bin/sh
if [ -e "fail.$1.$2" ]; then
	status=$(cat "fail.$1.$2")
fi
case $2 in
installed | running) echo "$1 $2" >>asks ;;
*) echo "$1 $2" >>log ;;
esac
case $2 in
drain) mkdir -p "down/$1" ;;
upgrade) [ ! -e "next.$1" ] || cat "next.$1" >"program.$1" ;;
start)
	rmdir "down/$1"
	[ -e "old.$1" ] || [ ! -e "program.$1" ] ||
	    cat "program.$1" >"process.$1" ;;
installed) cat "program.$1" 2>/dev/null || cat program ;;
running)
	case ${status:-0} in
	0 | 6 | 7) ;;
	*)
		echo "x: no switch runs there" >&2
		exit $status ;;
	esac
	sed -e 's/^rp-switchd \([^ ]*\)/{"version":"\1"/' \
	    -e 's/ (build \(.*\))/,"build":"\1"/' -e 's/$/}/' "process.$1" \
	    2>/dev/null || echo '{"version":"0.1.0","build":"01ab"}' ;;
esac
ls down | wc -l >>widths
if grep -qx "$2" "slow.$1" 2>/dev/null; then
	echo $$ >>pids
	./slowly "$1" && echo "$1 $2 over" >>log
fi
exit "${status:-0}"
EOS
echo 'rp-switchd 0.1.0 (build 01ab)' >program
cat >slowly <<'EOS'
#!/bin/sh
echo $$ >>pids
: >"began.$1"
left=400
until [ -e "release.$1" ] || [ $left = 0 ]; do
	left=$((left - 1))
	sleep 0.05
done
EOS
chmod +x on slowly

# The script itself, for start to run.
cat >rolled <<EOS
#!/bin/sh
cd "$T" && TMPDIR=$T/tmp exec "$script" --run ./on --drain drain \\
    --undrain undrain --stop stop --upgrade upgrade --start start \\
    --installed installed --running running \\
    --verify 'echo "\$HOST verify \$SWITCH" >>log; test ! -e "sick.\$HOST"' \\
    --call 'echo "\$HOST call" >>log' "\$@"
EOS
chmod +x rolled
mkdir tmp

roll() {
	./rolled --verify-seconds 1 "$@" >out 2>&1
}
log() {
	cat log 2>/dev/null | tr '\n' ','
}
# anew: at nothing, and every host is well.
anew() {
	rm -rf rolling-upgrade.state log asks down/* pids began.* release.* \
	    slow.* fail.* next.* program.* process.* old.*
	: >pids
}

# begin STEP HOSTS: anew, and those hosts are slow at that step.
begin() {
	anew
	for slow in ${2:-}; do
		echo "$1" >"slow.$slow"
	done
}
# began HOST...: wait until they are at it.
began() {
	for host in "$@"; do
		wait_for 10 test -e "began.$host" || echo "# $host has not begun"
	done
}
# Of what was begun here nothing runs, and no file of it is left.
nothing_left() {
	for pid in $(cat pids); do
		! grep '^State:' "/proc/$pid/status" 2>/dev/null |
		    grep -qv 'Z (zombie)' || return 1
	done
	[ -z "$(ls tmp)" ]
}
# ended STATUS NAME: the run called "rolled" ended so, and all with it.
ended() {
	wait_for 20 sh -c "! kill -0 $(cat "$T/rolled.pid")" ||
	    kill -KILL "$(cat "$T/rolled.pid")"
	join rolled
	is $? "$1" "$2: exit $1"
	check "$2: nothing runs on" wait_for 5 nothing_left
}

check "it succeeds" roll hosts
is "$(log)" "a drain,a stop,a upgrade,a start,a verify a,a call,b drain,b stop,b upgrade,b start,b verify b.example:1,b call,c drain,c stop,c upgrade,c start,c verify c,c call," \
    "each step of each switch in order, one switch after the other"
is "$(sort -n widths | tail -n 1)" 1 "one at a time"
is "$(ls rolling-upgrade.state* 2>/dev/null)" "" "no state is left"
rm log
check "the next run succeeds" roll hosts
is "$(grep -c drain log)" 3 "and does everything again"
anew
printf '%s done\n' a b c >rolling-upgrade.state
check "with the state of a complete run, as rp 0.1.0 left it" roll hosts
is "$(grep -c drain log)" 3 "it does as well"

anew
printf 'a\nb\nc\nd\ne\n' | roll --at-once 2
is $? 0 "hosts from standard input, two at a time"
is "$(grep -c drain log)" 5 "all five"
is "$(test "$(sort -n widths | tail -n 1)" -le 2 && echo yes)" yes \
    "never more than two down"

anew
echo 1 >fail.b.upgrade
roll hosts
is $? 2 "an upgrade that fails: exit 2"
like "$(cat out)" "b: upgrade FAILED" "it says which step of which switch"
like "$(cat out)" "failed on b; 1 of 3 done" "and how far it came"
is "$(grep -c '^c' log)" 0 "the next switch is not touched"
rm fail.b.upgrade log
check "run again it goes on" roll hosts
like "$(cat out)" "goes on from rolling-upgrade.state of 20[0-9 :-]+: 1 of 3 done" \
    "and says from where"
is "$(log)" "b upgrade,b start,b verify b.example:1,b call,c drain,c stop,c upgrade,c start,c verify c,c call," \
    "with the step that failed"

anew
echo 2 >fail.a.drain
roll hosts
is $? 2 "not drained in time: exit 2"
is "$(log)" "a drain,a undrain," "it takes calls again, and nothing is stopped"
anew
echo 1 >fail.a.stop
roll hosts
rm -f fail.a.stop log
check "not stopped: run again it goes on" roll hosts
like "$(log)" "^a drain,a stop,a upgrade" \
    "with the drain: it may have taken calls since"
anew
touch sick.a
roll hosts
is $? 2 "a switch that does not come up: exit 2"
like "$(cat out)" "a: verify FAILED" "and it says so"
is "$(grep -c '^b' log)" 0 "the next is not touched"
rm sick.a

# What runs in the end is what is installed.
anew
echo 'rp-switchd 0.1.0 (build 02cd)' >next.a
cp next.a next.b
cp next.a next.c
echo 7 >fail.b.running
check "a new build of the same version" roll hosts
like "$(cat out)" "all 3 done, at build 02cd \\(0.1.0\\)" "it says which"
anew
echo 'rp-switchd 0.1.0 (build 02cd)' >next.a
touch old.a
roll hosts
is $? 2 "the old program was started again: exit 2"
like "$(cat out)" "a: installed is build 02cd \\(0.1.0\\), but build 01ab \\(0.1.0\\) runs" \
    "it says what runs instead"
is "$(log)" "a drain,a stop,a upgrade,a start,a verify a," "and goes no further"
anew
check "an upgrade that changes nothing" roll hosts
like "$(cat out)" "b: already at build 01ab" "it says so"
anew
echo 'rp-switchd 0.1.0 (build 02cd)' >next.b
check "--if-changed" roll --if-changed hosts
is "$(log)" "a upgrade,b upgrade,b drain,b stop,b start,b verify b.example:1,b call,c upgrade," \
    "touches only the switch whose build changed"
like "$(cat out)" "all 3 done" "and all are done"
anew
for host in a b c; do
	echo 'rp-switchd 0.2.0' >next.$host
done
check "without builds" roll hosts
like "$(cat out)" "all 3 done, at version 0.2.0" "versions are compared"
anew
echo 127 >fail.a.running
cp fail.a.running fail.b.running
cp fail.a.running fail.c.running
check "a switch that cannot be asked" roll hosts
like "$(cat out)" "all 3 done, builds NOT compared" "is told"

# A host that is down.
anew
for command in drain undrain running; do
	echo 255 >fail.b.$command
done
roll hosts
is $? 2 "a host that cannot be reached: exit 2"
like "$(cat out)" "b: cannot be reached" "it says so"
is "$(grep '^[bc]' log)" "" "and touches neither this one nor the next"
roll --down skip hosts
is $? 3 "--down skip: exit 3"
like "$(cat out)" "left out: b; 2 of 3 done" "it names those that are left out"
rm log fail.b.*
check "run again later" roll --down skip hosts
is "$(log)" "b drain,b stop,b upgrade,b start,b verify b.example:1,b call," \
    "it does those"
anew
echo 4 >fail.a.drain
echo 4 >fail.a.running
roll hosts
is $? 2 "a switch that does not run: exit 2"
is "$(log)" "a drain," "nothing is stopped, or undrained"
like "$(cat out)" "a: no switch runs there" "it says so"
rm log rolling-upgrade.state
echo 1 | tee fail.a.drain >fail.a.running
check "--start-down, of rp 0.1.0" roll --start-down hosts
like "$(log)" "^a drain,a stop,a upgrade,a start,a verify a,a call,b drain" \
    "upgrades and starts it"
anew
echo 255 >fail.a.running
printf 'a\nb\n' | roll --down skip
is $? 2 "one of two is down, and left out: exit 2"
is "$(log)" "" "the last one that serves is not drained"
like "$(cat out)" "b: not touched: .* no switch for callers" "it says why"

# What takes too long.
for slow in running stop; do
	anew
	echo $slow >slow.a
	roll --step-seconds 1 hosts
	is $? 2 "$slow never ends: exit 2"
	check "nothing runs on" wait_for 5 nothing_left
done
like "$(cat out)" "a: not over within 1 seconds: it may go on" "it says so"
anew
echo drain >slow.a
roll --step-seconds 1 --drain-seconds 1 hosts
is "$? $(log)" "2 a drain,a undrain," "a drain that never ends is taken back"

# The usual commands, with a systemd that knows these units as active.
mkdir usual
cat >usual/ssh <<'EOS'
#!/bin/sh
echo "ssh $*" | sed 's/ a .*/ a/' >>asks
while [ "${1#-}" != "$1" ]; do
	shift 2
done
PATH=$PWD/there:$PATH
export PATH
sh -c "$(printf '%s\n' "$2" | sed "s,/run/,$PWD/there/,g")"
EOS
mkdir there
cat >there/systemctl <<'EOS'
#!/bin/sh
cd "${0%/*}" || exit 1
case $* in
"show -p TriggeredBy --value rp-switchd@a.service") cat sockets; exit ;;
"-q is-active "*) grep -qxF "$3" active; exit ;;
esac
echo "$*" | tee -a ../log | {
	read -r verb units
	for unit in $units; do
		grep -vxF "$unit" active >rest
		mv rest active
		[ "$verb" = stop ] || echo "$unit" >>active
	done
}
EOS
for tool in apt-get rp-drain rp-switchd; do
	echo "#!/bin/sh
echo \"$tool \$*\" >>log" >there/$tool
done
chmod +x usual/ssh there/*
anew
echo "443.socket off.socket" >there/sockets
printf '443.socket\nrp-switchd@a.service\n' | tee there/before >there/active
echo a >hosts.one
PATH=$T/usual:$PATH TMPDIR=$T/tmp "$script" --unit rp-switchd@a \
    --verify true --call true hosts.one >out 2>&1
is $? 0 "the usual commands succeed"
is "$(grep ^ssh asks | sort -u)" "ssh -o ConnectTimeout=10 -o ServerAliveInterval=15 \
-o ServerAliveCountMax=4 a" "by ssh, with limits of its own"
is "$(grep -v -- --status log)" \
    "rp-drain --socket $T/there/rp-switchd-a/control --timeout 7200
stop 443.socket off.socket rp-switchd@a.service
apt-get -qy -o DPkg::Lock::Timeout=120 -o Dpkg::Options::=--force-confold install --only-upgrade rp-switchd rp-tools
stop rp-switchd@a.service
start 443.socket rp-switchd@a.service
rp-switchd --version" "a socket that starts the unit is stopped with it, and started"
is "$(sort there/active)" "$(sort there/before)" "in the end the same is active"
is "$(ls there | grep rolling)" "" "and nothing is left on the host"

anew
roll --at-once 3 hosts
is $? 1 "all at once: refused"
printf '' | roll
is $? 1 "no hosts: refused"
roll --at-once x hosts
is $? 1 "a number that is none: refused"
if mknod null c 1 3 2>err; then
	roll --state null hosts
	is "$? $(cat out)" "1 rolling-upgrade: null: not a regular file" \
	    "a state in a device: refused"
	check "which is still there" test -c null
else
	skip "a state in a device" "needs root"
fi
roll --state '' hosts
is "$? $(cat out)" "1 rolling-upgrade: --state: wants a file's name" \
    "a state without a name: refused"
roll /dev/zero
is "$? $(cat out)" "1 rolling-upgrade: /dev/zero: 1048576 bytes at most" \
    "a list without end: refused"
check "a state whose name begins with a hyphen" roll --state -x hosts
check "is removed at the end, too" test ! -e ./-x
anew
roll --down never hosts
is $? 1 "a choice that is none: refused"
roll --frob
is $? 1 "an option that is none: refused"
is "$(log)$(ls rolling-upgrade.state 2>&-)" "" "and none of those touched a switch"
check "--dry-run" roll --dry-run hosts
is "$(log)$(cat asks 2>&-)" "" "touches none either"
is "$(ls rolling-upgrade.state 2>&-)" "" "and makes no state"
like "$(cat out)" "c: call" "but says what would be done"

# hosts TEXT: the list in printf's form, as people write them. What the run
# would do for each host, or what it says is wrong.
hosts() {
	printf "$1" >list
	if "$script" --dry-run --run "${2:-./on}" list >listed 2>&1; then
		sed -n 's/^.* \(.*\): drain$/\1/p' listed | xargs
	else
		sed 's/^rolling-upgrade: list:\([0-9]\)/\1/' listed
	fi
}
is "$(hosts 'a\nb')" "a b" "a list without a newline at its end"
is "$(hosts '\357\273\277# ours\r\na\r\n\r\n\tb \t b.example:1\t# one\r\n')" \
    "a b" "BOM, CRLF, tabs, blanks and comments"
is "$(hosts 'root@a:22\n[2001:db8::7]:2222\n2001:db8::8\nssh://u@b:1/\n')" \
    "root@a:22 [2001:db8::7]:2222 2001:db8::8 ssh://u@b:1/" \
    "users, ports and IPv6 addresses"
is "$(hosts 'a\n\nb\nA\n')" "4: A: listed already on line 1" "a host twice"
is "$(hosts 'a\nroot@a.\n')" "2: root@a.: listed already on line 1" \
    "in other words"
is "$(hosts 'a x.example\nb x.example\n')" \
    "2: x.example: the name of the switch on line 1, too" "a name twice"
is "$(hosts '[fra]\na ansible_host=192.0.2.1\nb c d\n-oProxyCommand=x\n')" \
    "1: [fra]: a group of an inventory? Give one host per line
2: a variable of an inventory? A line is HOST [NAME]
3: b: more than HOST and NAME on a line
4: a variable of an inventory? A line is HOST [NAME]" \
    "an inventory: each line that is wrong"
is "$(hosts 'a,\n-a\na:x\na:65536\n@a\n[1::z]\n"a"\na\302\240b\n*\na u@b\n')" \
    "1: a,: not the name of a host
2: -a: not the name of a host
3: a:x: not a port behind the colon
4: a:65536: not a port behind the colon
5: @a: not a user before the @
6: [1::z]: not an IPv6 address
7: \"a\": not the name of a host
8: a character that is not plain ASCII
9: *: not the name of a host
10: u@b: a user, where the name of the switch goes" "mistakes"
like "$(hosts 'a\0\n\0b\0\n\0')" "list: not a text file" "UTF-16"
like "$(hosts '# nobody\n\n')" "list: no hosts" "only comments"
like "$("$script" . 2>&1)" "\\.: is a directory" "a directory"
like "$("$script" nothing 2>&1)" "nothing: no such file" "a missing file"

anew
./rolled hosts | head -n 1 >first
like "$(cat first)" "a: runs" "whoever reads what it says may go"
is "$(grep -c ' call$' log)" 3 "it does all the same"

begin drain a
mkfifo keys
# A shell has what it starts in the background ignore ^C: not on a terminal.
start rolled sh -c 'exec env --default-signal=INT,QUIT \
    script -qefc "./rolled hosts" tty <keys >/dev/null'
exec 9>keys
began a
printf '\003' >&9
ended 130 "^C on a terminal"
exec 9>&-
is "$(log)" "a drain,a undrain," "the drain is taken back, and no step begins"
like "$(cat tty)" "a: left: drain taken back" "it says how the switch is left"
like "$(cat tty)" "stopped by SIGINT: .*0 of 3 done" "and how far it came"

begin stop "a b"
start rolled ./rolled --at-once 2 hosts
began a b
kill -TERM "$(cat "$T/rolled.pid")"
check "TERM, two at once" wait_for 10 grep -q "SIGTERM: no step" rolled.out
check "steps that run are waited for" running rolled
: >release.a
: >release.b
ended 143 "TERM, two at once"
is "$(sort log | xargs)" \
    "a drain a stop a stop over b drain b stop b stop over" "no other begins"
is "$(grep -c "left: STOPPED, not upgraded" rolled.out)" 2 \
    "both are said to be stopped"
is "$(grep -c "FAILED" rolled.out)" 0 "nothing failed"
rm -f log slow.*
check "run again it goes on" roll hosts
is "$(log)" "a upgrade,a start,a verify a,a call,b upgrade,b start,b verify b.example:1,b call,c drain,c stop,c upgrade,c start,c verify c,c call," \
    "after the step that was waited for"

# A terminal that is closed, while the switch drains.
begin drain a
start rolled sh -c 'exec env --default-signal=HUP script -qefc \
    "./rolled hosts" tty <keys >/dev/null'
exec 9>keys
began a
stop rolled KILL
exec 9>&-
check "a terminal that is closed" wait_for 10 nothing_left
is "$(log)" "a drain,a undrain," "the drain is taken back, and no step begins"

begin stop a
start rolled sh -c 'exec env --default-signal=INT,QUIT \
    script -qefc "./rolled hosts" tty <keys >/dev/null'
exec 9>keys
began a
printf '\003' >&9
wait_for 10 grep -q "no step begins" tty
printf '\003' >&9
ended 130 "a second ^C gives the step up"
exec 9>&-
like "$(cat tty)" "a: left: drained; stop given up: it may go on" "and says so"

begin drain a
echo 1 >fail.a.undrain
# Under nohup a shell ignores HUP, and so would what it starts.
start rolled env --default-signal=HUP ./rolled hosts
began a
kill -HUP "$(cat "$T/rolled.pid")"
ended 129 "HUP, and the drain cannot be taken back"
like "$(cat rolled.out)" "a: left: may still drain: run 'undrain' there" \
    "it says what to do"

begin none
touch sick.a
start rolled ./rolled --verify-seconds 100 hosts
wait_for 10 grep -q "a verify" log
kill -TERM "$(cat "$T/rolled.pid")"
ended 143 "TERM while a switch is verified"
like "$(cat rolled.out)" "a: left: upgraded and started, not verified" \
    "it does not try for long"
rm sick.a

begin drain a
start rolled ./rolled hosts
began a
timeout 10 ./rolled hosts >other.out 2>&1
is $? 1 "a second run beside it: refused"
like "$(cat other.out)" "rolling-upgrade.state: another run is at work" "and why"
timeout 10 ./rolled --state another.state hosts >other.out 2>&1
is "$? $(cat other.out)" \
    "1 rolling-upgrade: hosts: another run is at work on it" \
    "with another state, too"
stop rolled KILL
check "killed: nothing runs on" wait_for 10 flock -n rolling-upgrade.state true
is "$(log)" "a drain,a undrain," "the drain is taken back, and no step begins"
rm -rf tmp/*

# Where there is no flock(1).
mkdir bare
ln -s /bin/* /usr/bin/* bare 2>/dev/null
rm bare/flock
begin drain a
start rolled env PATH="$T/bare" ./rolled hosts
began a
PATH=$T/bare timeout 10 ./rolled hosts >other.out 2>&1
is $? 1 "without flock: refused"
like "$(cat other.out)" "rolling-upgrade.state: another run is at work" "and why"
stop rolled KILL
wait_for 10 grep -q undrain log
rm slow.a log tmp/* -r
check "one that was killed locks nothing" env PATH="$T/bare" ./rolled hosts
is "$(grep -c ' call$' log) $(ls -d rolling-upgrade.* 2>&-)" "3 " \
    "and no lock is left"

# A real ssh and sshd, over a pipe. The list of hosts must not be taken for the
# input of what runs there, and a host that accepts and says nothing ends.
if ! [ -x /usr/sbin/sshd ] || ! unshare -m mount -t tmpfs none /mnt; then
	skip "by ssh" "no sshd, or no mount namespaces"
	finish
fi
anew
ssh-keygen -q -t ed25519 -N '' -f key
cp key.pub authorized
cat >sshd_config <<EOS
HostKey $T/key
AuthorizedKeysFile $T/authorized
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
EOS
cat >connect <<EOS
#!/bin/sh
echo "\$1 \$2" >>$T/connected
echo \$\$ >>$T/pids
[ "\$1" != silent ] || exec sleep 100
mount -t tmpfs none /run && mkdir /run/sshd &&
    exec /usr/sbin/sshd -i -f $T/sshd_config 2>/dev/null
EOS
cat >ssh_config <<EOS
Host *
IdentityFile $T/key
StrictHostKeyChecking no
UserKnownHostsFile /dev/null
LogLevel ERROR
ProxyCommand unshare -m sh $T/connect %h %p
EOS
# on_host STEP: what it does there, by the absolute path of our log.
on_host() {
	echo "echo \$(hostname) $1 >>$T/log; cat >>$T/eaten"
}
by_ssh() {
	TMPDIR=$T/tmp "$script" --run "ssh -F $T/ssh_config" \
	    --drain "$(on_host drain)" --undrain "$(on_host undrain)" \
	    --stop "$(on_host stop)" --upgrade "$(on_host upgrade)" \
	    --start "$(on_host start)" --installed "cat $T/program" \
	    --running "$(on_host running)" --verify true --call true "$@" >out 2>&1
}
printf 'root@a:2222\n[2001:db8::7]\n' >hosts
check "by ssh" by_ssh hosts
is "$(grep -vc running log) $(cat eaten)" "8 " \
    "all steps are done, and their input is empty"
is "$(sort -u connected | xargs)" "2001:db8::7 22 a 2222" \
    "of hosts with a port and an IPv6 address"
rm log
printf 'silent\na\n' >hosts
by_ssh --step-seconds 1 hosts
is $? 2 "a host that accepts and says nothing: exit 2"
like "$(cat out)" "silent: says nothing for 1 seconds" "it says so"
is "$(cat log 2>&-)" "" "nothing is done"
check "and no ssh runs on" wait_for 5 nothing_left
finish
