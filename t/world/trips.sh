# Sourced after dns.sh, world.sh, service.sh and capture.sh by scenarios that
# count the round trips of a call. Ann calls bob by the switch sw, with 100 ms
# between each of them and it. Pushes to bob are signed, and come over a connection
# that stands, as those of a push service do.
#
#	trips_open
#	trips_first [OPTION...]	neither has a ticket; OPTIONs are bob's
#	trips_again		both have
#	trips audio		how many round trips; see t/tools/trips.pl
#
# With trips_pairs="1 2" there are hosts ann1, bob1, ann2 and bob2 as well, which
# are as far away, and `trips_device 1` has bob1 wait to be called.
#
# After each call, $trips_status is ann's exit status and $T/trips has the steps.

trips_rtt=100
trips_pairs=

trips_open() {
	world_need
	capture_need
	command -v perl >/dev/null || skip_all "no perl"
	service_open
	service_vapid
	world_host sw london
	world_host dns -
	trips_hosts="ann bob"
	for trips_k in $trips_pairs; do
		trips_hosts="$trips_hosts ann$trips_k bob$trips_k"
	done
	for trips_host in $trips_hosts; do
		world_host "$trips_host" dublin
		world_set "rtt $trips_host sw $trips_rtt"
	done
	service_switch sw
	world_start
	service_dns dns
	# shellcheck disable=SC2086
	service_user $trips_hosts
	# Either family is as near as the other; one is enough to look at.
	for trips_host in $trips_hosts; do
		world_exec "$trips_host" sysctl -qw \
		    net.ipv6.conf.all.disable_ipv6=1
	done
	export SSLKEYLOGFILE="$T/secrets"
	: >"$SSLKEYLOGFILE"
	service_start sw
	# The first push makes the connection that stands.
	trips_device
	trips_again
	is $trips_status 0 "a first push comes"
}

# trips_device [K] [OPTION...]: bob, or bobK, waits to be called, and has no ticket.
trips_device() {
	trips_k=
	case ${1:-} in
	[0-9]*) trips_k=$1; shift ;;
	esac
	trips_host=bob$trips_k
	if [ ! -s "$T/hop$trips_k.ready" ]; then
		# shellcheck disable=SC2046
		start "hop$trips_k" $(world_in "$trips_host") perl \
		    "$RP_SRC/t/tools/pushhop.pl" \
		    "$(world_addr "$trips_host"):0" "$T/$trips_host.ready" \
		    "$T/hop$trips_k.ready"
		wait_for 5 test -s "$T/hop$trips_k.ready" ||
		    give_up "the push service starts" "$T/hop$trips_k.err"
	fi
	stop "$trips_host"
	rm -f "$T/$trips_host.ready" "$T/$trips_host.tickets"
	# shellcheck disable=SC2046
	start "$trips_host" $(world_in "$trips_host") rp-dial --answer \
	    --account "$T/$trips_host.conf" --push-listen 127.0.0.1:0 \
	    --push-url "http://$(ready "$T/hop$trips_k.ready" push)/" \
	    --ready-file "$T/$trips_host.ready" --json "$T/$trips_host.json" "$@"
	wait_for 20 test -s "$T/$trips_host.ready" ||
	    give_up "$trips_host can be woken" "$T/$trips_host.err"
}

trips_first() {
	rm -f "$T/ann.tickets"
	trips_device "$@"
	trips_again
}

trips_again() {
	trips_capture
	world_exec ann rp-dial --account "$T/ann.conf" --duration 0.4 \
	    --json "$T/ann.json" bob >"$T/ann.said" 2>&1
	trips_status=$?
	trips_count
}

# What all three send and get, until trips_count.
trips_capture() {
	for trips_host in ann bob sw; do
		capture "$trips_host" 2048
	done
}

trips_count() {
	for trips_host in ann bob sw; do
		stop "tap-$trips_host"
		"$RP_BUILD/t/tools/tlsopen" -t "$T/secrets" \
		    "$T/$trips_host.pcap" >"$T/$trips_host.tls" \
		    2>"$T/$trips_host.opened" ||
		    give_up "the capture is opened" "$T/$trips_host.opened"
	done
	trips_pl >"$T/trips" || give_up "the round trips are counted"
}

# trips_all: the packets of the latest call.
trips_all() {
	trips_pl -a
}

trips_pl() {
	perl "$RP_SRC/t/tools/trips.pl" "$@" "$T" "ann=$(world_addr ann)" \
	    "bob=$(world_addr bob)" "sw=$(world_addr sw)"
}

# trips STEP, trips_ms STEP: of the latest call, "-" if it was not seen.
trips() {
	awk -v step="$1" '$1 == step { print $2 }' "$T/trips"
}

trips_ms() {
	awk -v step="$1" '$1 == step { print $3 }' "$T/trips"
}
