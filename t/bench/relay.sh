#!/bin/sh
# The relay, Debian's coturn and a bare batched forwarder side by side. They get
# the same load from the same generator in one run, each on a CPU of its own,
# with one relay thread, 172-byte packets and two-party calls.
#
#	t/bench/relay.sh [-a] [-g GROUPS] [-o FOLDER] [-r REPETITIONS]
#	                 [-d SECONDS] [CALLS...]
#
# CALLS are paced loads by their number of calls, or wN for a closed loop with N
# packets under way.
#
# -a measures everything, as one table (half an hour). It has these loads and
# higher ones, and the cost and gain of waiting for a fuller batch at each rate
# (relay.coalesce_us). It offers more than the limit of a server that has half a
# CPU. It has indications, relay.peers = "any" to plain UDP peers, "clients" with
# another application's users beside calls, IPv6, two threads, and 20 and 20,000
# allocations with their memory. System calls per packet are counted by perf, or
# else strace, in runs of their own.
#
# Every server is visited in each repetition, because the host has slow phases.
# Figures are medians, and their ratios are what matters. "x first" is CPU time
# per packet over that of the group's first row, "x coturn" over its coturn's.
# If offered/s is below the requested rate, the generator was the limit.
#
# -g runs only groups of the table that match (grep -E). -o keeps the
# measurements there, and later ones join them, so that a run can be in parts;
# -r 0 prints them.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../turn.sh"
own_network "$0" "$@"

repetitions=3
seconds=4
all=
groups=.
kept=
while getopts ag:o:r:d: option; do
	case $option in
	a) all=yes ;;
	g) groups=$OPTARG ;;
	o) kept=$OPTARG ;;
	r) repetitions=$OPTARG ;;
	d) seconds=$OPTARG ;;
	*) exit 1 ;;
	esac
done
shift $((OPTIND - 1))
results=${kept:-$T/results}
mkdir -p "$results" || exit 1
load=$RP_BUILD/t/bench/relayload
cpus=$(nproc)
[ "$cpus" -ge 2 ] || echo "# one CPU: server and generator share it" >&2
server="taskset -c 0"
client="taskset -c $((cpus - 1))"
coturn=yes
command -v turnserver >/dev/null || coturn=
ip -6 address add fd00:7::2:0:1/128 dev lo
ip -6 route add local fd00:7::/64 dev lo
ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -H -n)"

# row GROUP LABEL SERVER LOAD-OPTIONS [SERVER-OPTIONS]: one line of the table.
row() {
	[ "$3" != coturn ] || [ -n "$coturn" ] || return 0
	! echo "$1" | grep -qE "$groups" ||
	    echo "$1|$2|$3|$4|${5:-}" >>"$T/rows"
}

# trio LABEL LOAD-OPTIONS [SERVER-OPTIONS]: the three servers under one load.
trio() {
	row "$1" "$1" forward "$2" "${3:-}"
	row "$1" "$1" rp "$2" "${3:-}"
	row "$1" "$1" coturn "$2" "${3:-}"
}

paced() {
	case $1 in
	w*) trio "$1" "-c 200 -w ${1#w}" ;;
	*) trio "$1" "-c $1" ;;
	esac
}

# serve SERVER OPTIONS: start it; $T/SERVER.ready says where. Of the options,
# which are turnd's, coturn knows where to listen, and the others nothing else.
serve() {
	rp_ip=127.0.0.1
	case $2 in *fd00:7::2:0:1*) rp_ip=fd00:7::2:0:1 ;; esac
	case $1 in
	rp) start rp $server "$RP_BUILD/t/tools/turnd" -s "$TURN_SECRET" \
	    -w 400 $2 -f "$T/rp.ready" ;;
	forward) start forward $server "$RP_BUILD/t/bench/forward" \
	    "$T/forward.ready" $rp_ip ;;
	coturn)
		start coturn $server turnserver -n -m 1 -L $rp_ip -E 127.0.0.1 \
		    -p 3478 --use-auth-secret \
		    --static-auth-secret="$TURN_SECRET" --realm=rp --no-cli \
		    --no-tls --no-dtls --allow-loopback-peers \
		    --log-file=/dev/null --no-stdout-log \
		    --pidfile="$T/coturn.run" --userdb="$T/coturn.db"
		wait_for 20 coturn_up || exit 1
		echo "turn=$(echo "$rp_ip" | sed 's/.*:.*/[&]/'):3478" \
		    >"$T/coturn.ready"
		;;
	esac
	wait_for 20 test -s "$T/$1.ready" || exit 1
}

coturn_up() {
	ss -Hlun "sport = :3478" | grep -q .
}

# measure SERVER LOAD-OPTIONS: one line of key=value.
measure() {
	rp_bare=
	[ "$1" != forward ] || rp_bare=-f
	$client "$load" -d "$seconds" -s "$TURN_SECRET" \
	    -P "$(cat "$T/$1.pid")" $rp_bare $2 "$(ready "$T/$1.ready" turn)"
}

done_with() {
	stop "$1" KILL >/dev/null 2>&1
	rm -f "$T/$1.ready"
}

# result LABEL SERVER: where its measurements are.
result() {
	echo "$results/$(echo "$1.$2" | tr ' ,' '__')"
}

# visit ROW: one measurement of it.
visit() {
	IFS='|' read -r group label name options server_options <<-END
		$1
	END
	half=
	case $group in half*) half=yes ;; esac
	[ "$group" != threads ] || server="taskset -c 0-$((cpus - 1))"
	serve "$name" "$server_options"
	[ -z "$half" ] || start spin $server sh -c 'while :; do :; done'
	measure "$name" "$options" >>"$(result "$label" "$name")"
	[ -z "$half" ] || stop spin KILL >/dev/null 2>&1
	done_with "$name"
	server="taskset -c 0"
}

# median FILE KEY
median() {
	tr ' ' '\n' <"$1" | sed -n "s/^$2=//p" | sort -n |
	    awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

ratio() {
	echo "$1 $2" | awk '{ if ($2 > 0) printf "%.2f", $1 / $2; else print "-" }'
}

line() {
	printf '%-22s %-8s %9s %7s %8s %9s %8s %6s %7s %7s %8s %8s\n' "$@"
}

# of GROUP PATTERN: CPU time of the group's first server that fits, or nothing.
of() {
	grep "^$1|" "$T/rows" | grep -E "^[^|]*\|[^|]*\|($2)\|" | head -n 1 |
	    while IFS='|' read -r rp_group rp_label rp_name rp_rest; do
		median "$(result "$rp_label" "$rp_name")" cpu_us
	done
}

print() {
	line load server us/packet "x first" "x coturn" offered/s packet/s \
	    lost% p50_us p99_us us/alloc B/alloc
	while IFS='|' read -r group label name options server_options; do
		file=$(result "$label" "$name")
		[ -s "$file" ] || continue
		cpu=$(median "$file" cpu_us)
		line "$label" "$name" "$cpu" \
		    "$(ratio "$cpu" "$(of "$group" '[^|]*')")" \
		    "$(ratio "$cpu" "$(of "$group" coturn)")" \
		    "$(median "$file" offered)" "$(median "$file" pps)" \
		    "$(median "$file" lost_pct)" \
		    "$(median "$file" p50_us)" "$(median "$file" p99_us)" \
		    "$(median "$file" alloc_us)" \
		    "$(median "$file" alloc_bytes)"
	done <"$T/rows"
}

# count_calls PID SECONDS: the system calls that it makes.
count_calls() {
	if perf stat -e raw_syscalls:sys_enter true 2>/dev/null; then
		perf stat -x, -e raw_syscalls:sys_enter -p "$1" sleep "$2" \
		    2>&1 | sed -n 's/^\([0-9]*\),.*/\1/p'
	else
		timeout "$2" strace -f -c -p "$1" 2>&1 |
		    awk '$NF == "total" { print $3 ~ /[0-9]/ ? $4 : $3 }'
	fi
}

# calls SERVER NAME LOAD-OPTIONS: a line of system calls a packet.
calls() {
	serve "$1" ""
	measure "$1" "$3" >"$T/calls.load" &
	calls_pid=$!
	sleep 1.5
	calls_n=$(count_calls "$(cat "$T/$1.pid")" 2)
	wait $calls_pid
	done_with "$1"
	printf '%-22s %-8s %9s\n' "$2" "$1" \
	    "$(ratio "$calls_n" "$(echo "$(median "$T/calls.load" pps)" |
	    awk '{ print 2 * $1 }')")"
}

everything() {
	for rp_calls in 1 50 100 200 500 1000 1500 2000 3000 w400; do
		paced $rp_calls
	done
	for rp_calls in 50 100 200 500 1000 2000; do
		for us in 0 100 200 400 800; do
			row "curve $rp_calls" "$rp_calls, wait $us us" rp \
			    "-c $rp_calls" "-w $us"
		done
	done
	for rp_calls in 500 1000 1500 2000; do
		trio "half a CPU, $rp_calls" "-c $rp_calls"
	done
	for name in rp coturn; do
		row "indications $name" w400 $name "-c 200 -w 400"
		row "indications $name" "w400, indications" $name \
		    "-c 200 -w 400 -i"
	done
	row "any 200" "200, plain peers" coturn "-c 200 -p"
	row "any 200" "200, plain peers" rp "-c 200 -p" "-a 127.0.0.0/8"
	row "any w400" "w400, plain peers" coturn "-c 200 -w 400 -p"
	row "any w400" "w400, plain peers" rp "-c 200 -w 400 -p" \
	    "-a 127.0.0.0/8"
	for rp_load in "-c 200" "-c 1000" "-c 200 -w 400" "-c 200 -w 400 -i"; do
		row "clients $rp_load" "calls $rp_load" rp "$rp_load"
		row "clients $rp_load" "clients $rp_load" rp \
		    "$rp_load -u 400" "-P clients"
		row "clients $rp_load" "clients $rp_load" coturn \
		    "$rp_load -u 400"
	done
	for rp_load in "-c 200" "-c 200 -w 400"; do
		row "limits $rp_load" "users $rp_load" rp "$rp_load" \
		    "-P clients"
		row "limits $rp_load" "limits $rp_load" rp "$rp_load" \
		    "-P clients -U 1000000 -B 100000000"
	done
	trio "200, IPv6" "-c 200" "-l [fd00:7::2:0:1]:0"
	trio "w400, IPv6" "-c 200 -w 400" "-l [fd00:7::2:0:1]:0"
	row threads "w400, 1 thread" rp "-c 200 -w 400" "-t 1"
	row threads "w400, 2 threads" rp "-c 200 -w 400" "-t 2"
	row threads "2 threads, users" rp "-c 200 -w 400" "-t 2 -P clients"
	row threads "2 threads, limits" rp "-c 200 -w 400" \
	    "-t 2 -P clients -U 1000000 -B 100000000"
	for name in forward rp; do
		row "many $name" "w400, 20 parties" $name "-c 10 -w 400"
		row "many $name" "w400, 20000 parties" $name "-c 10000 -w 400"
	done
	row "many rp" "20000 of 2000 users" rp "-c 10000 -w 400 -u 2000" \
	    "-P clients"
}

if [ -n "$all" ]; then
	everything
else
	[ $# -gt 0 ] || set -- 50 200 500 w400
	for rp_load in "$@"; do
		paced "$rp_load"
	done
fi
repetition=0
while [ $repetition -lt "$repetitions" ]; do
	while read -r rp_row <&3; do
		visit "$rp_row"
	done 3<"$T/rows"
	repetition=$((repetition + 1))
done
print
[ -n "$all" ] && echo calls | grep -qE "$groups" || exit 0
seconds=4
printf '\n%-22s %-8s %9s\n' load server calls/packet
for name in forward rp coturn; do
	[ $name != coturn ] || [ -n "$coturn" ] || continue
	calls $name "1 call" "-c 1"
	calls $name "1000 calls" "-c 1000"
	calls $name w400 "-c 200 -w 400"
done
