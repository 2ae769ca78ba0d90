# Sourced by every scenario: TAP, and processes that end with the test.
#
# A scenario states its goal in prose at its top, starts what it needs with
# port 0 and a ready file, and ends with `finish`. $T is its own folder, removed
# at the end.
#
# It asserts what happened and in what order. It waits for conditions
# (wait_for). Only what must not happen takes a time of its own, and `never`
# says what that is. A lower bound on a time is a claim, because no load makes a
# timer fire early. How fast something is belongs to t/bench.
set -u

RP_SRC=${RP_SRC:-$(cd "$(dirname "$0")" &&
    until [ -f configure.ac ] || [ "$PWD" = / ]; do cd ..; done && pwd)}
RP_BUILD=${RP_BUILD:-$RP_SRC/build}
RP_SANITIZERS=${RP_SANITIZERS:-}
for rp_tool in switchd dial regionprobe drain pushsend users; do
	PATH=$RP_BUILD/bin/rp-$rp_tool:$PATH
done
export PATH
# A sanitizer's report must be seen: it makes the process exit with 99.
export ASAN_OPTIONS="exitcode=99:detect_leaks=1:${ASAN_OPTIONS:-}"
export UBSAN_OPTIONS="print_stacktrace=1:${UBSAN_OPTIONS:-}"
export TSAN_OPTIONS="exitcode=99:${TSAN_OPTIONS:-}"

T=$(mktemp -d "${TMPDIR:-/tmp}/rp-test-XXXXXX") || exit 1
rp_n=0
rp_failed=0
rp_started=
rp_at_end=

# at_end COMMAND: run it when the test is over, after its processes ended.
at_end() {
	rp_at_end="$rp_at_end $1"
}

rp_cleanup() {
	rp_status=$?
	trap - EXIT
	for rp_name in $rp_started; do
		stop "$rp_name" KILL
	done
	for rp_command in $rp_at_end; do
		$rp_command
	done
	[ -n "${RP_KEEP:-}" ] && echo "# kept $T" >&2 || rm -rf "$T"
	exit $rp_status
}
trap rp_cleanup EXIT
trap 'exit 1' INT TERM HUP

# skip_all REASON: this machine cannot run the scenario.
skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

# own_network "$0" "$@": go on, from the top, in a network namespace of this
# test's own, in which there is loopback and nothing else.
own_network() {
	if [ -z "${RP_NETNS:-}" ]; then
		rp_unshare="unshare -n"
		[ "$(id -u)" = 0 ] || rp_unshare="unshare -rn"
		$rp_unshare true 2>/dev/null ||
		    skip_all "needs network namespaces"
		rm -rf "$T"
		RP_NETNS=1 exec $rp_unshare "$@"
	fi
	ip link set lo up
}

# pass NAME, fail NAME [DETAIL]
pass() {
	rp_n=$((rp_n + 1))
	echo "ok $rp_n - $1"
}

fail() {
	rp_n=$((rp_n + 1))
	rp_failed=$((rp_failed + 1))
	echo "not ok $rp_n - $1"
	[ -z "${2:-}" ] || printf '%s\n' "$2" | sed 's/^/# /'
}

# give_up NAME [FILE]: the scenario cannot go on without that. It fails, and the
# other scenarios still run. FILE says more.
give_up() {
	fail "$1" "$([ -z "${2:-}" ] || cat "$2")"
	exit 1
}

# skip NAME REASON: this one point cannot be run here.
skip() {
	rp_n=$((rp_n + 1))
	echo "ok $rp_n - $1 # SKIP $2"
}

# fails COMMAND...: it does.
fails() {
	! "$@"
}

# check NAME COMMAND...: passes if the command succeeds; shows its output if not.
check() {
	rp_checked=$1
	shift
	if "$@" >"$T/check.out" 2>&1; then
		pass "$rp_checked"
	else
		fail "$rp_checked" "$* : exit $?
$(tail -n 20 "$T/check.out")"
	fi
}

# is GOT WANTED NAME
is() {
	if [ "$1" = "$2" ]; then
		pass "$3"
	else
		fail "$3" "got: $1
wanted: $2"
	fi
}

# like TEXT REGEX NAME (grep -E)
like() {
	if printf '%s\n' "$1" | grep -qE -e "$2"; then
		pass "$3"
	else
		fail "$3" "got: $1
wanted: /$2/"
	fi
}

# start NAME COMMAND...: in the background; output in $T/NAME.out, errors in
# $T/NAME.err, its process id in $T/NAME.pid.
start() {
	rp_name=$1
	shift
	# One of that name that still runs is ended with the test, too.
	if running "$rp_name"; then
		rp_earlier=$((${rp_earlier:-0} + 1))
		mv "$T/$rp_name.pid" "$T/$rp_name-$rp_earlier.pid"
		rp_started="$rp_started $rp_name-$rp_earlier"
	fi
	# Emptied here, because the process below may come to it later. Who waits
	# for its words must not find those of an earlier one of that name.
	: >"$T/$rp_name.out"
	: >"$T/$rp_name.err"
	"$@" >"$T/$rp_name.out" 2>"$T/$rp_name.err" &
	echo $! >"$T/$rp_name.pid"
	rp_started="$rp_started $rp_name"
}

# push_child NAME: the push command of that switch, which has processes of its
# own beside it.
push_child() {
	ps -o pid=,args= --ppid "$(cat "$T/$1.pid")" |
	    awk '$2 != "rp-switchd:" {print $1; exit}'
}

# part NAME: the number of that process of the switch called "switch".
part() {
	ps -o pid=,args= --ppid "$(cat "$T/switch.pid")" |
	    awk -v name="$1" '$2 == "rp-switchd:" && $3 == name {print $1}'
}

# stop NAME [SIGNAL]: end it (TERM) and wait; returns its exit status.
stop() {
	[ -s "$T/$1.pid" ] || return 0
	kill -"${2:-TERM}" "$(cat "$T/$1.pid")" 2>/dev/null
	join "$1"
}

# join NAME: wait until it ends by itself; returns its exit status.
join() {
	wait "$(cat "$T/$1.pid")" 2>/dev/null
	rp_joined=$?
	rm -f "$T/$1.pid"
	return $rp_joined
}

running() {
	[ -s "$T/$1.pid" ] && kill -0 "$(cat "$T/$1.pid")" 2>/dev/null
}

# How much longer than a quiet machine a busy one may take.
RP_PATIENCE=${RP_PATIENCE:-6}

# wait_for SECONDS COMMAND...: until the command succeeds. The seconds are what
# a quiet machine needs at most; after RP_PATIENCE times as many it fails.
wait_for() {
	rp_tries=$(($1 * 50 * RP_PATIENCE))
	shift
	until "$@" >/dev/null 2>&1; do
		rp_tries=$((rp_tries - 1))
		[ $rp_tries -gt 0 ] || return 1
		sleep 0.02
	done
}

# never SECONDS COMMAND...: the command must not succeed in all that time, nor
# at its end. Fails as soon as it does.
never() {
	rp_until=$(date +%s%3N)
	rp_until=$(awk -v t="$rp_until" -v s="$1" 'BEGIN { printf "%.0f", t + s * 1000 }')
	shift
	while :; do
		rp_now=$(date +%s%3N)
		! "$@" >/dev/null 2>&1 || return 1
		[ "$rp_now" -lt "$rp_until" ] || return 0
		sleep 0.05
	done
}

# once_in N COMMAND...: it succeeds at least once in N tries. For what a busy
# machine may spoil, though not each time, and a fault in the product would.
once_in() {
	rp_left=$1
	shift
	until "$@"; do
		rp_left=$((rp_left - 1))
		[ $rp_left -gt 0 ] || return 1
	done
}

# ready FILE KEY: the value of KEY in a ready file.
ready() {
	sed -n "s/^$2=//p" "$1" | head -n 1
}

# port ADDRESS: "127.0.0.1:1234" -> 1234
port() {
	echo "${1##*:}"
}

# media_is FILTER [SOCKET]: is there a call at the switch called "switch" whose
# parties' media are all so? A packet is 20 ms. For wait_for.
media_is() {
	rp-drain --sessions --json --socket "${2:-$T/switch.d/control}" |
	    jq -es "length > 0 and all(.[]; (.parties | length) > 1 and
	    all(.parties[]; $1))"
}

# media_grows N [SOCKET]: has each party of each call sent so many packets more
# than media_mark found? For wait_for and never.
media_mark() {
	rp_marked=$(rp-drain --sessions --json \
	    --socket "${1:-$T/switch.d/control}" |
	    jq -s '[.[].parties[].rtp_packets] | max // 0')
}
media_grows() {
	media_is ".rtp_packets >= $rp_marked + $1" "${2:-}"
}

# calls_are STATE [SOCKET]: is there a call at that switch in this state?
calls_are() {
	rp-drain --status --json --socket "${2:-$T/switch.d/control}" |
	    jq -e --arg state "$1" 'any(.sessions[]; .state == $state)'
}

# About as much came as went, of reports in which both ends sent for the same
# time; for jq. The number of packets per second depends on the machine.
# shellcheck disable=SC2034
flowed='(.packets_sent > 0 and 2 * .packets_received > .packets_sent)'

# start_switch NAME [ARGUMENT...]: rp-switchd --dev on free ports, in $T/NAME.d;
# waits until it is ready ($T/NAME.ready).
start_switch() {
	rp_switch=$1
	shift
	start "$rp_switch" rp-switchd --dev "$T/$rp_switch.d" \
	    --listen 127.0.0.1:0 --ready-file "$T/$rp_switch.ready" "$@"
	wait_for 20 test -s "$T/$rp_switch.ready" && return
	give_up "rp-switchd starts" "$T/$rp_switch.err"
}

# echo_at_once N [SWITCH]: bob's rp-dial takes so many calls at once at a switch of
# that name, and sends back what it hears.
echo_at_once() {
	rm -f "$T/bob.ready"
	start bob rp-dial --account "$T/${2:-switch}.d/bob.conf" --answer \
	    --echo --at-once "$1" --ready-file "$T/bob.ready"
	wait_for 10 test -s "$T/bob.ready" || give_up "bob waits" "$T/bob.err"
}

# What is to be said at the very end if the test fails: how to repeat it, say.
last_words=
finish() {
	echo "1..$rp_n"
	[ $rp_failed -eq 0 ] && exit
	[ -z "$last_words" ] || printf '%s\n' "$last_words" | sed 's/^/# /'
	exit 1
}
