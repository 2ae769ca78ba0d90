# Sourced after world.sh and dns.sh by scenarios that need the whole service in
# their world. It provides one GSLB name, switches of several regions under it
# with names of their own, and subscribers. A geographic DNS answers each city
# by its region (t/world/cities).
#
#	service_open
#	world_host ann capetown; world_host sw1 dublin; world_host ns -
#	service_switch sw1		its region is its city's
#	world_start
#	service_dns ns			and everybody asks it
#	service_start sw1
#	service_user ann; rp-dial --account "$T/ann.conf" ...

service_name=switch.rp.test
service_switches=

# openssl_quiet ARGUMENT...: what it says matters only if it fails.
openssl_quiet() {
	openssl "$@" 2>"$T/openssl.err" && return
	give_up "openssl $1" "$T/openssl.err"
}

# The authority, the directory, and who may be pushed to.
service_open() {
	for service_tool in openssl knotd jq; do
		command -v $service_tool >/dev/null ||
		    skip_all "no $service_tool"
	done
	openssl_quiet req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
	    -nodes -days 30 -subj "/CN=rp test authority" \
	    -keyout "$T/ca.key" -out "$T/ca.pem"
	echo 'allow = [ "5.0.0.0/8", "2a05::/16" ];' >"$T/pushsend.conf"
	: >"$T/service.switches"
}

# A key of the service, after service_open.
service_vapid() {
	service_public="public_key = \"$(rp-pushsend --new-key \
	    "$T/vapid.pem")\";"
	echo 'webpush: { key = "vapid.pem"; subject = "mailto:ops@rp.test"; };' \
	    >>"$T/pushsend.conf"
}

# service_cert NAME [DAYS]: for the GSLB name and NAME.rp.test.
service_cert() {
	printf 'subjectAltName = DNS:%s, DNS:%s.rp.test\n' "$service_name" \
	    "$1" >"$T/$1.ext"
	openssl_quiet req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -subj "/CN=$1.rp.test" -keyout "$T/$1.key" -out "$T/$1.csr"
	openssl_quiet x509 -req -in "$T/$1.csr" -CA "$T/ca.pem" \
	    -CAkey "$T/ca.key" -CAcreateserial -days "${2:-90}" \
	    -extfile "$T/$1.ext" -out "$T/$1.pem"
}

# service_switch HOST [REGION[,REGION...]]: a switch lives there. It is in its
# city's region unless told otherwise; "-" for none yet.
service_switch() {
	service_cert "$1"
	service_region=$(service_region_of "$1")
	echo "$1 ${2:-$service_region}" >>"$T/service.switches"
}

# The region of a host's city.
service_region_of() {
	awk -v n="$(cut -d . -f 2 "$T/world.$1")" '!/^#/ && NF >= 3 {
		if (++i == n) print $4 }' "$world_cities"
}

# The switches of a region.
service_in() {
	awk -v r="$1" '{ n = split($2, in_, ",")
		for (i = 1; i <= n; i++) if (in_[i] == r) print $1 }' \
		"$T/service.switches"
}

# service_regions: rp-regionprobe's file, from the cities and the switches.
service_regions() {
	echo 'regions = ('
	service_between=
	for service_region in $(awk '!/^#/ && NF >= 4 { print $4 }' \
	    "$world_cities" | sort -u); do
		printf '%s  { name = "%s"; addresses = [' "$service_between" \
		    "$service_region"
		service_between=',
'
		service_comma=
		for service_sw in $(service_in "$service_region"); do
			printf '%s "%s %s.rp.test"' "$service_comma" \
			    "$(world_addr "$service_sw")" "$service_sw"
			printf ', "%s %s.rp.test"' \
			    "$(world_addr6 "$service_sw")" "$service_sw"
			service_comma=,
		done
		printf ' ];\n    nets = [ '
		awk -v r="$service_region" '!/^#/ && NF >= 3 { n++
			if ($4 == r) { printf "%s\"5.%d.0.0/16\", \"2a05:%d::/32\"",
			    c, n, n; c = ", " } }' "$world_cities"
		printf ' ]; }'
	done
	printf '\n);\n'
}

# service_dns HOST: Knot DNS there, zone rp.test, geographic for the GSLB name;
# every host of the world asks it. Before service_start.
service_dns() {
	service_ns=$(world_addr "$1")
	service_ns_host=$1
	service_regions >"$T/regions"
	: >"$T/geo"
	{
		printf '$ORIGIN rp.test.\n$TTL 60\n'
		printf '@ SOA ns1 hostmaster 1 3600 600 86400 60\n@ NS ns1\n'
		printf 'ns1 A %s\nwhoami A 192.0.2.1\n' "$service_ns"
		while read -r service_sw service_region; do
			printf '%s A %s\n%s AAAA %s\n' "$service_sw" \
			    "$(world_addr "$service_sw")" "$service_sw" \
			    "$(world_addr6 "$service_sw")"
		done <"$T/service.switches"
	} >"$T/rp.zone"
	printf 'mod-geoip:\n  - id: rp\n    config-file: "%s"\n' \
	    "$T/geo" >"$T/ns.extra"
	printf '    ttl: 60\n    mode: subnet\n' >>"$T/ns.extra"
	echo '    module: mod-geoip/rp' >"$T/ns.rp.test.extra"
	# shellcheck disable=SC2034
	knot_in=$(world_in "$1")
	start_knot ns "[ $service_ns@53, $(world_addr6 "$1")@53 ]" rp.test \
	    "$T/rp.zone"
	knot_in=
	# The geoip file comes whole out of the regions file: add one that is there.
	service_apply --region "$(awk '$2 != "-" { split($2, r, ",")
		print r[1]; exit }' "$T/service.switches")" \
	    --add "$(world_addr "$(awk '$2 != "-" { print $1; exit }' \
	    "$T/service.switches")")"
	for service_host in $world_hosts; do
		world_dns "$service_host" "$service_ns" "$(world_addr6 "$1")"
	done
}

# service_apply ARGUMENT...: what rp-regionprobe prints for Knot, as it is.
service_apply() {
	world_exec "$service_ns_host" rp-regionprobe "$service_name" \
	    --no-connect --whoami none --regions "$T/regions" \
	    --server "$service_ns" --resolver "$service_ns" \
	    --format knot "$@" >"$T/geo.new" 2>"$T/geo.err"
	[ -s "$T/geo.new" ] ||
	    give_up "rp-regionprobe prints a geoip file" "$T/geo.err"
	mv "$T/geo.new" "$T/geo"
	knotc -s "$T/ns.knot/knot.sock" reload >/dev/null
}

# service_start HOST: its switch, until it is ready. Its relay has an IPv6 address
# as well if $service_six says yes; roaming tests move IPv4 only. A few pairs place
# many calls, more in a minute than two people do. $service_push is another command
# that sends its pushes, and $service_more are more keys of it. If service_vapid was
# called, pushes are signed.
service_start() {
	service_addr=$(world_addr "$1")
	service_relay6=
	[ -z "${service_six:-}" ] ||
	    service_relay6=", \"[$(world_addr6 "$1")]:3478\""
	cat >"$T/$1.conf" <<-END
		name = "$1.rp.test";
		tls: { certificate = "$1.pem"; key = "$1.key"; };
		directory = "sqlite:rp.db";
		control = "$1.control";
		call: { listen = [ "0.0.0.0:31337", "[::]:31337" ];
			per_pair_per_minute = 0; };
		answer: { listen = [ "0.0.0.0:31338", "[::]:31338" ]; };
		relay: { listen = [ "$service_addr:3478"$service_relay6 ];
			secret = "the same secret for $1"; };
		push: { command = "${service_push:-rp-pushsend -c $T/pushsend.conf}";
			${service_public:-} };
		metrics: { listen = "127.0.0.1:0"; };
		${service_more:-}
	END
	rm -f "$T/$1.ready"		# of an earlier one
	# shellcheck disable=SC2046
	start "$1" $(world_in "$1") rp-switchd -c "$T/$1.conf" \
	    --ready-file "$T/$1.ready"
	wait_for 20 test -s "$T/$1.ready" && return
	give_up "the switch $1 starts" "$T/$1.err"
}

# service_user NUMBER...: subscribers, with an account file each.
service_user() {
	for service_number; do
		rp-users --db "sqlite:$T/rp.db" add "$service_number" \
		    --token-file "$T/$service_number.token" >/dev/null
		cat >"$T/$service_number.conf" <<-END
			number = "$service_number";
			token = "$(cat "$T/$service_number.token")";
			switch = "$service_name";
			ca = "ca.pem";
		END
		chmod 600 "$T/$service_number.conf"
	done
}

# service_answer NUMBER HOST [ARGUMENT...]: rp-dial waits there to be called, on
# a push port that the world reaches, until it can be woken.
service_answer() {
	service_number=$1
	service_at_host=$2
	shift 2
	rm -f "$T/$service_number.ready"
	# shellcheck disable=SC2046
	start "$service_number" $(world_in "$service_at_host") rp-dial \
	    --account "$T/$service_number.conf" --answer \
	    --push-listen "$(world_addr "$service_at_host"):0" \
	    --ready-file "$T/$service_number.ready" "$@"
	wait_for 20 test -s "$T/$service_number.ready" && return
	give_up "$service_number can be woken" "$T/$service_number.err"
}
