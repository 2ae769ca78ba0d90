#!/bin/sh
# The steps of a rolling upgrade, with commands in place of ssh and of a
# switch: their order, so many at a time, what happens when one fails, that it
# goes on from there, and that it never takes every switch away.
. "$(dirname "$0")/lib.sh"

script=$RP_SRC/contrib/rolling-upgrade/rolling-upgrade
cd "$T" || exit 1
mkdir down
printf '# ours\na\nb b.example:1\n\nc\n' >hosts

# on HOST COMMAND: what a host does. It notes what it was told, and fails where
# fail.HOST names the command.
cat >on <<'EOF'
#!/bin/sh
echo "$1 $2" >>log
case $2 in
drain) mkdir -p "down/$1" ;;
start) rmdir "down/$1" ;;
esac
ls down | wc -l >>widths
! grep -qx "$2" "fail.$1" 2>/dev/null
EOF
chmod +x on

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
finish
