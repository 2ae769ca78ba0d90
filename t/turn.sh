# Sourced after lib.sh by scenarios of the relay. It provides turnd, credentials
# and counters.

TURN_SECRET=north

# start_turnd NAME [OPTION...]: the relay alone; $T/NAME.ready says where.
# Commands are written to $T/NAME.fifo, answers appear in $T/NAME.out.
start_turnd() {
	rp_turnd=$1
	shift
	mkfifo "$T/$rp_turnd.fifo"
	start "$rp_turnd" "$RP_BUILD/t/tools/turnd" -s "$TURN_SECRET" \
	    -m 127.0.0.1:0 -f "$T/$rp_turnd.ready" -c "$T/$rp_turnd.fifo" "$@"
	wait_for 10 test -s "$T/$rp_turnd.ready" && return
	give_up "turnd starts" "$T/$rp_turnd.err"
}

# certificate: $T/cert.pem and $T/key.pem, for TLS clients that do not ask.
certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -days 2 -subj /CN=relay.test -keyout "$T/key.pem" \
	    -out "$T/cert.pem" 2>/dev/null
}

# username CALL PARTY [SECONDS]: good for so long, ten minutes if not said.
username() {
	echo "$(($(date +%s) + ${3:-600})):$1:$2"
}

# password USERNAME
password() {
	printf %s "$1" | openssl dgst -sha1 -hmac "$TURN_SECRET" -binary |
	    base64
}

# counter NAME METRIC: its value at turnd NAME, labels included in METRIC.
counter() {
	curl -s "http://$(ready "$T/$1.ready" metrics)/metrics" |
	    awk -v metric="$2" '$1 == metric || index($1, metric "{") == 1 {
		sum += $2
		any = 1
	    }
	    END { if (any) print sum }'
}
