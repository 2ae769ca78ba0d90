#!/bin/sh
# The relay, Debian's coturn and a bare batched forwarder side by side: the
# same load from the same generator in one run, each server on a CPU of its
# own, one relay thread, 172-byte packets, two-party calls.
#
#	t/bench/relay.sh [-r REPETITIONS] [-d SECONDS] [CALLS...]
#
# CALLS: paced loads by their number of calls, or wN for a closed loop with N
# packets under way. Every server is visited in each repetition, since the host
# has slow phases; figures are medians, and ratios are what they are for.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../turn.sh"

repetitions=3
seconds=4
while getopts r:d: option; do
	case $option in
	r) repetitions=$OPTARG ;;
	d) seconds=$OPTARG ;;
	*) exit 1 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- 50 200 500 w400
load=$RP_BUILD/t/bench/relayload
cpus=$(nproc)
[ "$cpus" -ge 2 ] || echo "# one CPU: server and generator share it" >&2
server="taskset -c 0"
client="taskset -c $((cpus - 1))"

# run SERVER LOAD: one measurement, as a line of key=value.
run() {
	rp_mode=
	[ "$1" != forward ] || rp_mode=-f
	case $2 in
	w*) rp_load="-c 200 -w ${2#w}" ;;
	*) rp_load="-c $2" ;;
	esac
	case $1 in
	rp) start rp $server "$RP_BUILD/t/tools/turnd" -s "$TURN_SECRET" \
	    -w 400 -f "$T/rp.ready" ;;
	forward) start forward $server "$RP_BUILD/t/bench/forward" \
	    "$T/forward.ready" ;;
	coturn)
		rp_port=$((20000 + $(date +%N | sed 's/^0*//') % 10000))
		start coturn $server turnserver -n -m 1 -L 127.0.0.1 \
		    -E 127.0.0.1 -p $rp_port --use-auth-secret \
		    --static-auth-secret="$TURN_SECRET" --realm=rp --no-cli \
		    --no-tls --no-dtls --allow-loopback-peers \
		    --log-file=/dev/null --no-stdout-log \
		    --pidfile="$T/coturn.run" --userdb="$T/coturn.db"
		coturn_up() { ss -Hlun "sport = :$rp_port" | grep -q .; }
		wait_for 20 coturn_up || exit 1
		echo "turn=127.0.0.1:$rp_port" >"$T/coturn.ready"
		;;
	esac
	wait_for 20 test -s "$T/$1.ready" || exit 1
	$client "$load" $rp_load $rp_mode -d "$seconds" -s "$TURN_SECRET" \
	    -P "$(cat "$T/$1.pid")" "$(ready "$T/$1.ready" turn)"
	stop "$1" KILL >/dev/null 2>&1
	rm -f "$T/$1.ready"
}

# median FILE KEY
median() {
	tr ' ' '\n' <"$1" | sed -n "s/^$2=//p" | sort -n |
	    awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

servers="forward rp"
command -v turnserver >/dev/null && servers="$servers coturn"
ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -H -n)"
i=0
while [ $i -lt "$repetitions" ]; do
	for calls in "$@"; do
		for server_name in $servers; do
			run "$server_name" "$calls" \
			    >>"$T/result.$server_name.$calls"
		done
	done
	i=$((i + 1))
done

printf '%-8s %-8s %9s %7s %8s %6s %8s %8s %9s %9s\n' load server \
    "us/packet" "x bare" packet/s lost% p50_us p99_us us/alloc B/alloc
for calls in "$@"; do
	bare=$(median "$T/result.forward.$calls" cpu_us)
	for server_name in $servers; do
		result=$T/result.$server_name.$calls
		printf '%-8s %-8s %9s %7s %8s %6s %8s %8s %9s %9s\n' \
		    "$calls" "$server_name" "$(median "$result" cpu_us)" \
		    "$(echo "$(median "$result" cpu_us) $bare" |
		    awk '{ printf "%.2f", ($2 > 0 ? $1 / $2 : 0) }')" \
		    "$(median "$result" pps)" "$(median "$result" lost_pct)" \
		    "$(median "$result" p50_us)" "$(median "$result" p99_us)" \
		    "$(median "$result" alloc_us)" \
		    "$(median "$result" alloc_bytes)"
	done
done
