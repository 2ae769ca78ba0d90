# Sourced after service.sh by scenarios that let calls go through outages. Each
# pair of hosts has a switch of its own, so that the cost of one call can be
# counted. Pair N is the caller aN, the callee bN and their switch sN.
#
#	outage_pairs 1 2 3		before world_start
#	outage_open 1 2 3		switches and subscribers, after service_dns
#	outage_call 1 20		a call of 20 seconds, until both talk
#	outage_hole a1; sleep 10; outage_heal a1
#	outage_end 1			the call is over: $outage_status, and figures

outage_pairs() {
	for outage_n; do
		world_host "a$outage_n" london
		world_host "b$outage_n" frankfurt
		world_host "s$outage_n" dublin
		service_switch "s$outage_n"
	done
}

outage_open() {
	for outage_n; do
		service_user "a$outage_n" "b$outage_n"
		service_start "s$outage_n"
	done
}

# outage_metric N METRIC: of the pair's switch.
outage_metric() {
	world_exec "s$1" curl -sS --max-time 5 \
	    "http://$(ready "$T/s$1.ready" metrics)/metrics" |
	    sed -n "s/^$2 //p"
}

# outage_count N METHOD: requests of that method at the pair's switch.
outage_count() {
	outage_metric "$1" "rp_requests_total{method=\"$2\"}"
}

# outage_counts N: of RESUME and INFO.
outage_counts() {
	echo "$(outage_count "$1" RESUME) $(outage_count "$1" INFO)"
}

outage_has_answered() {
	[ "$(outage_metric "$1" rp_calls_answered_total)" = 1 ]
}

# outage_listen HOST: note how many UDP datagrams and TCP segments its sockets
# got, because media may move to TCP. "SECONDS N" ten times per second, in
# $T/HOST.listen.out.
outage_listen() {
	# shellcheck disable=SC2046
	start "$1.listen" $(world_in "$1") perl -MTime::HiRes=time,sleep -e '
		$| = 1;
		sub number {
			my ($file, $pattern) = @_;
			open my $in, "<", $file or exit 1;
			local $/;
			return <$in> =~ $pattern ? $1 : 0;
		}
		for (;; sleep 0.1) {
			printf "%.3f %d\n", time,
			    number("/proc/net/snmp", qr/^Udp: (\d+)/m) +
			    number("/proc/net/snmp",
				qr/^Tcp: (?:\S+ ){9}(\d+)/m) +
			    number("/proc/net/snmp6", qr/^Udp6InDatagrams\s+(\d+)/m);
		}'
}

# outage_call N SECONDS [ARGUMENT...]: until audio arrives on both sides. The
# callee gets the options of $outage_callee.
outage_call() {
	outage_n=$1
	outage_s=$2
	shift 2
	# shellcheck disable=SC2086
	service_answer "b$outage_n" "b$outage_n" --echo ${outage_callee:-} \
	    --switch "s$outage_n.rp.test" --json "$T/b$outage_n.json"
	outage_listen "a$outage_n"
	outage_listen "b$outage_n"
	# shellcheck disable=SC2046
	start "a$outage_n" $(world_in "a$outage_n") rp-dial \
	    --account "$T/a$outage_n.conf" --switch "s$outage_n.rp.test" \
	    --duration "$outage_s" --json "$T/a$outage_n.json" "$@" \
	    "b$outage_n"
	wait_for 20 outage_has_answered "$outage_n" &&
	    wait_for 10 outage_arrives "a$outage_n" &&
	    wait_for 10 outage_arrives "b$outage_n"
}

# outage_arrives HOST: does it get audio: forty packets in the last second?
outage_arrives() {
	tail -n 12 "$T/$1.listen.out" | awk 'NF == 2 {
		t[++n] = $1; p[n] = $2 }
		END { exit !(n > 5 && (p[n] - p[1]) / (t[n] - t[1]) >= 40) }'
}

# outage_hole HOST [MATCH]: what HOST sends and gets is lost from now on, and
# nobody is told. MATCH says in nftables' words which of it; all by default. PEER
# in it stands for the port at the other end.
outage_hole() {
	world_exec "$1" nft -f - <<-END
		table inet hole {
			chain in {
				type filter hook input priority 0;
				iifname "wan0" $(outage_match sport "${2:-}") drop
			}
			chain out {
				type filter hook output priority 0;
				oifname "wan0" $(outage_match dport "${2:-}") drop
			}
		}
	END
	date +%s.%N >>"$T/$1.from"
}

outage_match() {
	echo "$2" | sed "s/PEER/th $1/"
}

outage_heal() {
	world_exec "$1" nft delete table inet hole
	date +%s.%N >>"$T/$1.to"
}

# The same, but the host is told: its interface is down.
outage_unplug() {
	world_link "$1" down
	date +%s.%N >>"$T/$1.from"
}

outage_plug() {
	world_link "$1" up
	date +%s.%N >>"$T/$1.to"
}

# The same, but its rp-dial is suspended, as by Ctrl-Z or a closed lid.
outage_suspend() {
	kill -STOP "$(cat "$T/$1.pid")"
	date +%s.%N >>"$T/$1.from"
}

outage_wake() {
	kill -CONT "$(cat "$T/$1.pid")"
	date +%s.%N >>"$T/$1.to"
}

# outage_healed HOST N: how many seconds after the network's return, as HOST has
# it, both ends of pair N had audio again for a second. It is the later of the
# two, after the outage for which that took longest.
outage_healed() {
	for outage_host in "a$2" "b$2"; do
		awk 'FNR == NR { to[++returns] = $1; next }
			NF == 2 { t[++n] = $1; p[n] = $2 }
			END {
			for (k = 1; k <= returns; k++) {
				for (i = 1; i + 10 <= n; i++) {
					if (t[i] < to[k]) continue
					rate = p[i + 10] - p[i]
					rate /= t[i + 10] - t[i]
					if (rate >= 40) break
				}
				if (i + 10 > n) { print "never"; exit }
				if (t[i] - to[k] > worst)
					worst = t[i] - to[k]
			}
			printf "%.1f\n", worst }' \
		    "$T/$1.to" "$T/$outage_host.listen.out"
	done | sort -g | tail -n 1
}

# outage_silence HOST N: for how many seconds next to nothing arrived at each end
# of pair N since the first outage at HOST began, but for the last second.
outage_silence() {
	for outage_host in "a$2" "b$2"; do
		awk -v from="$(head -n 1 "$T/$1.from")" 'NF == 2 && $1 >= from {
			t[++n] = $1; p[n] = $2 }
			END {
			for (i = 2; i + 10 <= n; i++)
				if (p[i] - p[i - 1] < 2) s += t[i] - t[i - 1]
			printf "%.1f\n", s }' "$T/$outage_host.listen.out"
	done | xargs
}

# outage_end N: hang up if it is not over, and stop what belongs to it.
outage_end() {
	stop "a$1.listen" KILL
	stop "b$1.listen" KILL
	stop "a$1" INT
	outage_status=$?
	wait_for 5 test -s "$T/b$1.json"
	stop "b$1" INT
	outage_status="$outage_status $?"
}
