# Sourced by scenarios that need a name server of their own. It runs Knot DNS on
# a free port of 127.0.0.1, without knotd's usual folders.

# dns_port: a port that is free for UDP and TCP just now.
dns_port() {
	perl -MIO::Socket::INET -e 'for (1..100) {
		my $u = IO::Socket::INET->new(Proto => "udp",
		    LocalAddr => "127.0.0.1", LocalPort => 0) or next;
		my $t = IO::Socket::INET->new(Proto => "tcp", Listen => 1,
		    LocalAddr => "127.0.0.1", LocalPort => $u->sockport) or next;
		print $u->sockport, "\n"; exit 0; }
		exit 1'
}

# start_knot NAME LISTEN ZONE FILE [ZONE FILE ...]: serve the zone files at
# LISTEN (ADDRESS@PORT); more of the configuration may stand in $T/NAME.extra.
# A missing file is a zone that answers SERVFAIL. $knot_in runs it elsewhere, as
# in a network namespace.
start_knot() {
	rp_knot=$1
	rp_dir=$T/$1.knot
	mkdir -p "$rp_dir"
	{
		printf 'server:\n    rundir: "%s"\n    listen: %s\n' \
		    "$rp_dir" "$2"
		printf '    udp-workers: 1\n    tcp-workers: 1\n'
		printf '    background-workers: 1\n'
		printf '    edns-client-subnet: on\n'
		printf 'log:\n  - target: stderr\n    any: info\n'
		printf 'database:\n    storage: "%s"\n' "$rp_dir"
		[ ! -f "$T/$1.extra" ] || cat "$T/$1.extra"
		printf 'zone:\n'
		shift 2
		while [ $# -gt 1 ]; do
			printf '  - domain: %s\n    file: "%s"\n' "$1" "$2"
			printf '    zonefile-sync: -1\n    journal-content: none\n'
			[ ! -f "$T/$rp_knot.$1.extra" ] ||
			    cat "$T/$rp_knot.$1.extra"
			shift 2
		done
	} >"$rp_dir/knot.conf"
	# shellcheck disable=SC2086
	start "$rp_knot" ${knot_in:-} knotd -c "$rp_dir/knot.conf" -s "$rp_dir/knot.sock"
	wait_for 10 knotc -s "$rp_dir/knot.sock" status && return
	give_up "knotd starts" "$T/$rp_knot.err"
}
