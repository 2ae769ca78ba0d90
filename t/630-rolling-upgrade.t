#!/bin/sh
# The steps of a rolling upgrade, with commands in place of ssh and of a switch:
# their order, how many run at a time, and what happens when one fails. A later
# run continues from there. No run ever takes every switch away. When it is
# stopped, by ^C on a terminal or otherwise, it cleans up: drains are undone,
# other steps are waited for, and no process stays behind.
. "$(dirname "$0")/lib.sh"

script=$RP_SRC/contrib/rolling-upgrade/rolling-upgrade
cd "$T" || exit 1
mkdir down
printf '# ours\na\nb b.example:1\n\nc\n' >hosts

# on HOST COMMAND: what a host does. It notes what it was told, and fails where
# fail.HOST names the command. Where slow.HOST names it, it takes until there is
# release.HOST.
cat >on <<'EOF'
#!/bin/sh
echo "$1 $2" >>log
case $2 in
drain) mkdir -p "down/$1" ;;
start) rmdir "down/$1" ;;
esac
ls down | wc -l >>widths
if grep -qx "$2" "slow.$1" 2>/dev/null; then
	echo $$ >>pids
	./slowly "$1" && echo "$1 $2 over" >>log
fi
! grep -qx "$2" "fail.$1" 2>/dev/null
EOF
cat >slowly <<'EOF'
#!/bin/sh
echo $$ >>pids
: >"began.$1"
left=400
until [ -e "release.$1" ] || [ $left = 0 ]; do
	left=$((left - 1))
	sleep 0.05
done
EOF
chmod +x on slowly

# The script itself, for start to run.
cat >rolled <<EOF
#!/bin/sh
cd "$T" && TMPDIR=$T/tmp exec "$script" --run ./on --drain drain \\
    --undrain undrain --stop stop --upgrade upgrade --start start \\
    --verify 'echo "\$HOST verify \$SWITCH" >>log; test ! -e "sick.\$HOST"' \\
    --call 'echo "\$HOST call" >>log' "\$@"
EOF
chmod +x rolled
mkdir tmp

roll() {
	"$script" --run ./on --drain drain --undrain undrain --stop stop \
	    --upgrade upgrade --start start \
	    --verify 'echo "$HOST verify $SWITCH" >>log; test ! -e "sick.$HOST"' \
	    --call 'echo "$HOST call" >>log' --verify-seconds 1 "$@" >out 2>&1
}
log() {
	cat log 2>/dev/null | tr '\n' ','
}

check "it succeeds" roll hosts
is "$(log)" "a drain,a stop,a upgrade,a start,a verify a,a call,b drain,b stop,b upgrade,b start,b verify b.example:1,b call,c drain,c stop,c upgrade,c start,c verify c,c call," \
    "each step of each switch in order, one switch after the other"
is "$(sort -n widths | tail -n 1)" 1 "one at a time"
rm log
check "run again it has nothing to do" roll hosts
is "$(log)" "" "and does nothing"

rm -f rolling-upgrade.state log widths
printf 'a\nb\nc\nd\ne\n' | roll --at-once 2
is $? 0 "hosts from standard input, two at a time"
is "$(grep -c drain log)" 5 "all five"
is "$(test "$(sort -n widths | tail -n 1)" -le 2 && echo yes)" yes \
    "never more than two down"

rm -f rolling-upgrade.state log
echo upgrade >fail.b
roll hosts
is $? 2 "an upgrade that fails: exit 2"
like "$(cat out)" "b: upgrade FAILED" "it says which step of which switch"
like "$(cat out)" "failed on b; 1 of 3 done" "and how far it came"
is "$(grep -c '^c' log)" 0 "the next switch is not touched"
rm fail.b log
check "run again it goes on" roll hosts
is "$(log)" "b upgrade,b start,b verify b.example:1,b call,c drain,c stop,c upgrade,c start,c verify c,c call," \
    "with the step that failed"

rm -f rolling-upgrade.state log
echo drain >fail.a
roll hosts
is $? 2 "not drained in time: exit 2"
is "$(log)" "a drain,a undrain," "it takes calls again, and nothing is stopped"
rm -f fail.a rolling-upgrade.state log
echo stop >fail.a
roll hosts
rm -f fail.a log
check "not stopped: run again it goes on" roll hosts
like "$(log)" "^a drain,a stop,a upgrade" \
    "with the drain: it may have taken calls since"
rm -f rolling-upgrade.state log
touch sick.a
roll hosts
is $? 2 "a switch that does not come up: exit 2"
like "$(cat out)" "a: verify FAILED" "and it says so"
is "$(grep -c '^b' log)" 0 "the next is not touched"
rm sick.a

rm -f rolling-upgrade.state log
roll --at-once 3 hosts
is $? 1 "all at once: refused"
printf 'a\na\n' | roll
is $? 1 "a host twice: refused"
printf '' | roll
is $? 1 "no hosts: refused"
printf 'a\nb b.example extra\n' | roll
is $? 1 "a line of three words: refused"
roll --at-once x hosts
is $? 1 "a number that is none: refused"
roll --frob
is $? 1 "an option that is none: refused"
is "$(log)" "" "and none of those touched a switch"
check "--dry-run" roll --dry-run hosts
is "$(log)" "" "touches none either"
like "$(cat out)" "c: call" "but says what would be done"
check "after it the real one" roll hosts
is "$(grep -c drain log)" 3 "does everything"
rm -f rolling-upgrade.state log
printf 'a\nb' | roll
is "$? $(grep -c call log)" "0 2" "a last line without its newline counts"
rm -f rolling-upgrade.state log
./rolled hosts | head -n 1 >first
like "$(cat first)" "a: drain" "whoever reads what it says may go"
is "$(grep -c ' done$' rolling-upgrade.state)" 3 "it does all the same"

# begin STEP HOSTS: at nothing, and those hosts are slow at that step.
begin() {
	rm -rf rolling-upgrade.state log pids began.* release.* slow.* fail.*
	: >pids
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

begin stop a
start rolled ./rolled hosts
began a
kill -TERM "$(cat "$T/rolled.pid")"
wait_for 10 grep -q "no step begins" rolled.out
kill -TERM "$(cat "$T/rolled.pid")"
ended 143 "a second TERM gives the step up"
like "$(cat rolled.out)" "a: left: drained; stop given up: it may go on" \
    "and says so"

begin drain a
echo undrain >fail.a
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
stop rolled KILL
: >release.a
check "killed: who drains takes it back" wait_for 10 grep -q undrain log
check "and comes to its end" wait_for 10 flock -n rolling-upgrade.state true
is "$(log)" "a drain,a drain over,a undrain," "no step begins"
finish
