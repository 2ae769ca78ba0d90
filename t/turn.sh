# Sourced after lib.sh by scenarios of the relay. It provides turnd, credentials
# and counters.

TURN_SECRET=north

# start_turnd NAME [OPTION...]: the relay alone; $T/NAME.ready says where.
# Commands are written to $T/NAME.fifo, answers appear in $T/NAME.out.
#
# With RP_RELAY_KERNEL, a value of relay.kernel, it shares its tables with a program
# in the kernel, on a device that is made for it here.
start_turnd() {
	rp_turnd=$1
	shift
	[ -z "${RP_RELAY_KERNEL:-}" ] || {
		turnd_device
		case " $* " in
		*" -l "*) ;;
		*) set -- -l 127.0.0.1:0 "$@" ;;
		esac
		set -- "$@" -l 10.66.9.1:0 -E "$RP_RELAY_KERNEL"
	}
	mkfifo "$T/$rp_turnd.fifo"
	start "$rp_turnd" "$RP_BUILD/t/tools/turnd" -s "$TURN_SECRET" \
	    -m 127.0.0.1:0 -f "$T/$rp_turnd.ready" -c "$T/$rp_turnd.fifo" "$@"
	wait_for 10 test -s "$T/$rp_turnd.ready" ||
	    give_up "turnd starts" "$T/$rp_turnd.err"
	[ -z "${RP_RELAY_KERNEL:-}" ] ||
	    [ "$(counter "$rp_turnd" rp_relay_kernel_attached)" = 1 ] ||
	    give_up "turnd attaches its program" "$T/$rp_turnd.err"
}

turnd_device() {
	! ip link show relay0 >/dev/null 2>&1 || return 0
	ip link add relay0 type veth peer name relay1 &&
	    ip address add 10.66.9.1/24 dev relay0 &&
	    ip link set relay1 up && ip link set relay0 up
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
