#!/bin/sh
# Callers do not notice an upgrade. Three switches share a name, and several
# pairs place calls through them without a pause. Meanwhile
# contrib/rolling-upgrade replaces all three, twice. Every call completes and
# none loses audio. Then a switch is killed outright: its calls are dialled
# again and complete elsewhere, as does every later call.
#
# RP_CALLS (1000) calls are placed by RP_PAIRS (10) pairs.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dns.sh"
. "$(dirname "$0")/world/world.sh"
. "$(dirname "$0")/world/service.sh"
world_need

calls=${RP_CALLS:-1000}
pairs=${RP_PAIRS:-10}
switches="sw1 sw2 sw3"

service_open
world_host people london
world_host sw1 dublin
world_host sw2 dublin
world_host sw3 dublin
world_host ns -
for switch in $switches; do
	service_switch $switch
done
world_start
service_dns ns
numbers=$(for i in $(seq "$pairs"); do echo "caller$i callee$i"; done)
# shellcheck disable=SC2086
service_user $numbers probe echo
for switch in $switches; do
	service_start $switch
done
for i in $(seq "$pairs"); do
	service_answer "callee$i" people --echo
done
service_answer echo people --echo

people=$(world_in people)

# place CALLER CALLEE NAME SECONDS: one call; its report in NAME.json, its exit
# status in the answer's line "NAME STATUS". A callee who has not hung up yet
# after the call before is busy (5); then it is tried again.
place() {
	for place_try in $(seq 100); do
		$people rp-dial --account "$T/$1.conf" --duration "$4" \
		    --json "$T/$3.json" "$2" >"$T/$3.log" 2>&1
		place_status=$?
		[ $place_status -eq 5 ] || break
		sleep 0.1
	done
	echo "$3 $place_status"
}

# lane PAIR N: calls one after the other, until N are placed and the upgrades
# are over.
lane() {
	lane_n=0
	while [ $lane_n -lt "$2" ] || [ ! -e "$T/upgraded" ]; do
		[ -d "$T" ] || return
		lane_n=$((lane_n + 1))
		place "caller$1" "callee$1" "call-$1-$lane_n" 0.8
	done
}

# What ssh and a package manager are elsewhere. "Upgrade" notes the process.
cat >"$T/on" <<EOF
#!/bin/sh
cd "$T" && exec ip netns exec "rp$$-\$1" env HOST="\$1" sh -c "\$2"
EOF
cat >"$T/stop-switch" <<'EOF'
#!/bin/sh
pid=$(cat "$HOST.pid")
kill -TERM "$pid"
while kill -0 "$pid" 2>/dev/null && ! grep -q '^State:.Z' "/proc/$pid/status"
do sleep 0.05; done
EOF
cat >"$T/start-switch" <<'EOF'
#!/bin/sh
rm -f "$HOST.ready"
rp-switchd -c "$HOST.conf" --ready-file "$HOST.ready" \
    >/dev/null 2>>"$HOST.err" &
echo $! >"$HOST.pid"
until [ -s "$HOST.ready" ]; do sleep 0.02; done
EOF
chmod +x "$T/on" "$T/stop-switch" "$T/start-switch"

roll() {
	"$RP_SRC/contrib/rolling-upgrade/rolling-upgrade" --run "$T/on" \
	    --state "$T/state.$1" \
	    --drain 'rp-drain --socket $HOST.control --timeout 60' \
	    --undrain 'rp-drain --socket $HOST.control --undrain' \
	    --running 'rp-drain --socket $HOST.control --status --json' \
	    --stop ./stop-switch --upgrade 'cat $HOST.pid >>$HOST.old' \
	    --start ./start-switch \
	    --verify "$people rp-dial --account '$T/probe.conf' --probe \
	        --switch \$HOST.rp.test" \
	    --call "$people rp-dial --account '$T/probe.conf' \
	        --switch \$HOST.rp.test --duration 0.5 echo" \
	    "$T/hosts" >"$T/roll.$1" 2>&1
}
printf '%s\n' $switches >"$T/hosts"

began=$(date +%s)
for i in $(seq "$pairs"); do
	lane "$i" $((calls / pairs + 1)) >"$T/lane.$i" &
	lanes="${lanes:-} $!"
done
check "a rolling upgrade while calls are placed" roll 1 ||
    sed 's/^/# /' "$T/roll.1"
like "$(tail -n 1 "$T/roll.1")" "all 3 done, at build" \
    "each runs the build that is installed"
half() {
	[ "$(cat "$T"/lane.* | wc -l)" -ge $((calls / 2)) ]
}
wait_for 600 half
check "and another" roll 2 || sed 's/^/# /' "$T/roll.2"
: >"$T/upgraded"
for lane in $lanes; do
	wait "$lane"
done
for switch in $switches; do
	is "$(sort -u "$T/$switch.old" "$T/$switch.pid" | wc -l)" 3 \
	    "$switch was replaced twice"
done
cat "$T"/lane.* >"$T/lanes"
placed=$(wc -l <"$T/lanes")
echo "# $placed calls in $(($(date +%s) - began)) s: $(jq -r .switch.name \
    "$T"/call-*.json | sort | uniq -c | xargs)"
is "$(test "$placed" -ge "$calls" && echo yes)" yes "$calls calls were placed"
is "$(grep -v ' 0$' "$T/lanes" | while read -r name status; do
	echo "$name: exit $status: $(cat "$T/$name.log")"
done)" "" "every one completed"
is "$(jq -r 'select(.media.loss_pct > 0.5) |
    "\(.switch.name) \(.media.loss_pct)%"' "$T"/call-*.json)" "" \
    "none lost more than 0.5% of its packets"

# long NAME: a call of each pair, all answered; $victim is the switch that
# carries most of them, $carried how many.
live() {
	rp-drain --socket "$T/$1.control" --status --json 2>/dev/null |
	    jq -s '[.[].sessions[] | select(.state == "answered")] | length'
}
all_live() {
	[ $(($(live sw1) + $(live sw2) + $(live sw3))) -eq "$pairs" ]
}
elsewhere() {
	[ "$(live "$victim")" = 0 ] && all_live
}
long() {
	for i in $(seq "$pairs"); do
		start "$1-$i" $people rp-dial --account "$T/caller$i.conf" \
		    --duration 600 --json "$T/$1-$i.json" "callee$i"
	done
	check "$1: a call of each pair runs" wait_for 10 all_live
	victim=$(for switch in $switches; do
		echo "$(live $switch) $switch"
	done | sort -n | tail -n 1)
	carried=${victim% *}
	victim=${victim#* }
	echo "# $1: $victim carries $carried of $pairs calls"
}

# hang_up NAME: of all pairs. Whose call was not completed is in $lost.
hang_up() {
	lost=
	for i in $(seq "$pairs"); do
		stop "$1-$i" INT ||
		    lost="$lost $1-$i: exit $?: $(cat "$T/$1-$i.err")"
	done
}

# Forced: who is hung up dials again, elsewhere, and hardly notices.
long forced
check "a drain that is forced" rp-drain --socket "$T/$victim.control" \
    --force-after 0.5
check "those it carried go on, on another switch" wait_for 20 elsewhere
hang_up forced
is "$lost" "" "and every call completes"
rp-drain --socket "$T/$victim.control" --undrain

# Killed, not drained.
long killed
kill -KILL "$(cat "$T/$victim.pid")"
for i in 1 2 3 4 5; do
	place probe echo "after-$i" 0.5
done >"$T/after"
is "$(cut -d ' ' -f 2 "$T/after" | xargs)" "0 0 0 0 0" \
    "every call placed after that completes" || cat "$T"/after-*.log
check "the $carried calls that it carried go on, on another switch" \
    wait_for 20 elsewhere
hang_up killed
is "$lost" "" "and none is lost"
finish
