# Sourced after lib.sh by scenarios of contrib/turn-for, in a network of their
# own. It takes the configuration from the pages there, as an operator would.
#
#	turnfor_part PAGE FILE		the page's lines for that file
#	turnfor_here			a filter: for this test in place of an example
#	turnfor_relay PAGE [LINE...]	rp-switchd with that page's lines
#	turnfor_way FILE WAY		what iceServers in FILE have: udp, tcp or tls
#	turnfor_probe NAME FILE WAY	rp-dial tests that way, in the background
#	turnfor_works NAME WAY WHAT	it works
#	turnfor_listens PORT		does anybody, by TCP? For wait_for

TURNFOR_SECRET=northnorthnorthnorth
TURNFOR_HOST=${TURNFOR_HOST:-10.77.0.2}

# A part begins with the file's name and a colon, alone in a line, and ends with
# the first line that is neither blank nor behind a tab.
turnfor_part() {
	awk -v file="$2:" '$0 == file { part = 1; next }
	    part && /^\t/ { sub(/^\t/, ""); print; next }
	    part && !/^$/ { exit }' "$RP_SRC/contrib/turn-for/$1"
}

turnfor_here() {
	sed -e "s/turn\.example\.org/$TURNFOR_HOST/g" \
	    -e "s/SECRET/$TURNFOR_SECRET/g"
}

# What the page leaves to the defaults is in /etc, /var and /run.
turnfor_conf() {
	rp_page=$1
	shift
	echo "$TURNFOR_SECRET" >"$T/turn.secret"
	chmod 600 "$T/turn.secret"
	turnfor_part "$rp_page" /etc/rp/rp-switchd.conf | turnfor_here
	cat <<-END
		control = "$T/control";
		directory = "sqlite:$T/rp.db";
		tls: { certificate = "$T/cert.pem"; key = "$T/key.pem"; };
		call: { listen = "127.0.0.1:0"; };
		answer: { listen = "127.0.0.1:0"; };
		metrics: { listen = "127.0.0.1:0"; };
	END
	[ $# -eq 0 ] || printf '%s\n' "$@"
}

turnfor_certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -days 2 -subj /CN=turn.example.org -addext \
	    "subjectAltName=DNS:turn.example.org,IP:$TURNFOR_HOST" \
	    -addext basicConstraints=critical,CA:FALSE \
	    -keyout "$T/key.pem" -out "$T/cert.pem" 2>/dev/null
}

turnfor_relay() {
	turnfor_conf "$@" >"$T/rp-switchd.conf"
	[ -e "$T/cert.pem" ] || turnfor_certificate
	rm -f "$T/relay.ready"
	start relay rp-switchd -c "$T/rp-switchd.conf" \
	    --ready-file "$T/relay.ready"
	wait_for 20 test -s "$T/relay.ready" ||
	    give_up "rp-switchd takes the page's lines" "$T/relay.err"
}

turnfor_way() {
	jq -c --arg way "$2" '{udp: "^turn:.*=udp", tcp: "^turn:.*=tcp",
	    tls: "^turns:"} as $url | map(select(.urls | test($url[$way])))' "$1"
}

turnfor_listens() {
	ss -tlnH "sport = :$1" | grep -q .
}

# With the very user name and password that were handed out.
turnfor_probe() {
	turnfor_way "$2" "$3" >"$T/$1.way"
	jq -r '.[0].credential' "$T/$1.way" >"$T/$1.password"
	start "$1" rp-dial --probe --ca "$T/cert.pem" --json "$T/$1.json" \
	    --relay-user "$(jq -r '.[0].username' "$T/$1.way")" \
	    --relay-password-file "$T/$1.password" \
	    --relay-url "$(jq -r '.[0].urls' "$T/$1.way")"
}

turnfor_works() {
	join "$1"
	is "$? $(jq -r '.relay.ways[] | "\(.transport) \(.fault.kind //
	    "works")"' "$T/$1.json")" "0 $2 works" "$3"
}
