# Sourced after lib.sh by the push scenarios. Its push services are real
# servers.
. "$RP_SRC/t/npm.sh"

command -v node >/dev/null || skip_all "no node"
command -v openssl >/dev/null || skip_all "no openssl"

# A CA of this test's own, and a certificate for localhost.
push_certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$T/key.pem" -out "$T/cert.pem" -days 2 -subj "/CN=stand-in" \
	    -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" 2>/dev/null ||
	    skip_all "openssl makes no certificate"
}

# start_service NAME PROVIDER: in $T/NAME.d; its port is $(service_port NAME).
start_service() {
	[ -s "$T/key.pem" ] || push_certificate
	mkdir -p "$T/$1.d"
	cp "$T/key.pem" "$T/cert.pem" "$T/$1.d"
	rm -f "$T/$1.d/ready"
	start "$1" node "$RP_SRC/t/push/service.js" "$2" "$T/$1.d"
	wait_for 20 test -s "$T/$1.d/ready" && return
	give_up "the stand-in starts" "$T/$1.err"
}

service_port() {
	ready "$T/$1.d/ready" port
}

# result ID FILE: the one result line of that id.
result() {
	jq -c --arg id "$1" 'select(.id == $id)' "$2"
}

# results ID FILE FIELDS: "sent 1" for '"\(.status) \(.attempts)"'.
results() {
	jq -r --arg id "$1" "select(.id == \$id) | $3" "$2"
}

# one_each REQUESTS RESULTS: as many results as requests, each id once.
one_each() {
	jq -r .id "$1" | sort >"$T/ids.wanted"
	jq -r .id "$2" | sort >"$T/ids.got"
	cmp "$T/ids.wanted" "$T/ids.got"
}

# in_order FILE ID...: the results have these ids in this order, others between.
in_order() {
	rp_file=$1
	shift
	rp_ids=$(printf '%s\n' "$@")
	jq -r .id "$rp_file" | grep -xF "$rp_ids" >"$T/order"
	printf '%s\n' "$rp_ids" | diff - "$T/order"
}

reloaded() {
	[ "$(grep -c 'event=reload ok=1' "$T/over.err")" -ge "$1" ]
}

# over_reloads CONF FIRST SECOND: one request, three reloads, and another request
# to the same rp-pushsend. The results are in $T/over.out.
over_reloads() {
	mkfifo "$T/over.in"
	start over sh -c "exec rp-pushsend -c '$1' <'$T/over.in'"
	exec 9>"$T/over.in"
	echo "$2" >&9
	wait_for 10 test -s "$T/over.out"
	for rp_i in 1 2 3; do
		kill -HUP "$(cat "$T/over.pid")"
		wait_for 10 reloaded $rp_i
	done
	echo "$3" >&9
	exec 9>&-
	join over
}
