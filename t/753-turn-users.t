#!/bin/sh
# The relay takes the credentials that applications make with a shared secret:
# an expiry alone, the expiry before the user or behind, Matrix names with a port,
# UTF-8, and names as long as RFC 8489 allows; over UDP, TCP and TLS, and from
# coturn's client too. What has no expiry, or a wrong one, is refused, and the
# reason is counted. With relay.peers = "calls" nothing of it is new.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/turn.sh"
. "$(dirname "$0")/signal.sh"
command -v openssl >/dev/null || skip_all "needs openssl"

TURN_SECRET=north-by-north-west
# relay KEYS: a switch with these keys of the relay.
relay() {
	write_conf "" 'drain_ms = 0;'
	sed -i "s|^relay = .*|relay = { listen = \"127.0.0.1:0\"; \
tcp_listen = \"127.0.0.1:0\"; tls_listen = \"127.0.0.1:0\"; \
secret = \"$TURN_SECRET\"; $1 };|" "$T/switch.conf"
	start_configured
}
# login VIA USERNAME [OPTION...]: the code of its Allocate.
login() {
	case $1 in udp) rp_key=turn ;; *) rp_key=turn_$1 ;; esac
	rp_via=$1
	rp_user=$2
	shift 2
	perl "$RP_SRC/t/tools/turnlogin.pl" --via "$rp_via" "$@" \
	    "$(address $rp_key)" "$rp_user" "$(password "$rp_user")" 2>&1 |
	    cut -d ' ' -f 1
}
refusals() {
	metric "rp_turn_logins_refused_total{reason=\"$1\"}"
}
make_subscribers
later=$(($(date +%s) + 600))
long=$(printf '%0508d' 0 | tr 0 u)
long=$later:$(echo "$long" | cut -c $((${#later} + 2))-)
is ${#long} 508 "the longest name has 508 bytes"

# The forms, one each line; a | stands before what it is.
forms() {
	cat <<EOT
$later|an expiry alone
$later:alice|expiry and user
$later:room:alice|a further colon
$later:@alice:example.org:8448|a Matrix name with a port
$later:Jürgen Müller|UTF-8 and a blank
alice:$later|user and expiry
@alice:example.org:8448:$later|a Matrix name before it
$long|508 bytes
EOT
}
bad() {
	cat <<EOT
alice|no expiry
@alice:example.org:8448|a port is no expiry to come
1000000000|one that is over
1000000000:alice|likewise, with a user
alice:1000000000|likewise, behind it
$(printf '%s:a\tb' "$later")|a control character
${long}u|509 bytes
12345678901234567:alice|17 digits
EOT
}

for mode in clients any; do
	relay "peers = \"$mode\";"
	forms >"$T/forms"
	while IFS='|' read -r name what; do
		is "$(login udp "$name") $(login tcp "$name") $(login tls \
		    "$name")" "0 0 0" "$mode, by UDP, TCP and TLS: $what"
	done <"$T/forms"
	is "$(login udp "$later:alice" --sha256)" 0 "$mode: with SHA-256"
	bad >"$T/bad"
	while IFS='|' read -r name what; do
		is "$(login udp "$name")" 401 "$mode refuses: $what"
	done <"$T/bad"
	is "$(refusals expired) $(refusals username)" "4 4" \
	    "$mode: the reasons are counted"
	TURN_SECRET=another
	is "$(login udp "$later:alice")" 401 "$mode refuses another secret"
	TURN_SECRET=north-by-north-west
	is "$(refusals password)" 1 "which is counted"
	if command -v turnutils_uclient >/dev/null; then
		timeout 60 turnutils_uclient -y -c -n 5 -m 2 -u "$later" \
		    -w "$(password "$later")" -p "$(port "$(address turn)")" \
		    127.0.0.1 >"$T/uclient.out" 2>&1
		like "$(cat "$T/uclient.out")" "Total lost packets 0 " \
		    "$mode: coturn's clients meet by an expiry alone"
	fi
	stop switch
done

relay 'peers = "calls";'
is "$(forms | while IFS='|' read -r name what; do login udp "$name"; done |
    xargs)" "401 0 0 401 401 401 401 401" \
    "calls takes what it took: EXPIRY:CALL and EXPIRY:CALL:PARTY"
stop switch
finish
