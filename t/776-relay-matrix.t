#!/bin/sh
# Two parties in Chromium, with iceTransportPolicy "relay", meet through a relay
# with relay.peers = "clients": eight forms of credentials, by UDP, TCP and TLS,
# each as one user and as two. A message goes each way, and in some pairs a voice.
# The relay's host has a firewall with three open ports, and nothing else is sent
# to it or by it. Parties without business together do not meet. Debian's coturn is
# asked the same, on a host of its own.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/browser.sh"
browser_need "$0" "$@"
. "$(dirname "$0")/hosts.sh"
. "$(dirname "$0")/pairs.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/turn.sh"
command -v nft >/dev/null && nft list tables >/dev/null 2>&1 ||
    skip_all "needs nftables"
host relay 10.77.0.9
host turnhost 10.77.0.8
TURN_SECRET=north-by-north-west
expiry=$(($(date +%s) + 3600))

# Static users, and a service of the same realm, whose clients are nobody else's.
for user in alice bob; do
	echo green | rp-users relay-user $user >>"$T/relay.users"
done
cat >"$T/meet.conf" <<EOT
name = "meet";
realm = "rp";
secret = "secret-of-the-meetings";
EOT
chmod 600 "$T/relay.users" "$T/meet.conf"

# The switch, and its signalling on loopback there.
make_subscribers
write_conf "exec $T/pusher $T"
sed -i -e "s|^call = .*|call = { listen = \"127.0.0.1:0\"; \
push_ms = 600000; ring_ms = 600000; };|" \
    -e "s|^relay = .*|relay = { listen = \"10.77.0.9:0\"; \
tcp_listen = \"10.77.0.9:0\"; tls_listen = \"10.77.0.9:0\"; \
peers = \"clients\"; secret = \"$TURN_SECRET\"; \
users = \"relay.users\"; services = [ \"meet.conf\" ]; };|" \
    "$T/switch.conf"
start_at relay switch rp-switchd -c "$T/switch.conf" \
    --ready-file "$T/switch.ready"
wait_for 20 test -s "$T/switch.ready" ||
    give_up "the switch starts" "$T/switch.err"
curl() {
	on relay curl "$@"
}
only_ports relay "$(port "$(address turn)")" "$(port "$(address turn_tcp)")" \
    "$(port "$(address turn_tls)")"

# call NAME: what both parties of one get, in NAME.alice and NAME.bob.
call() {
	ask_port=call
	ask alice INITIATE /session/bob --data offer >"$T/said"
	jq -c .iceServers "$T/body" >"$T/$1.alice"
	rp_session=$(jq -r .sessionId "$T/body")
	ask_port=answer
	ask bob RING "/session/$rp_session" --data answer >>"$T/said"
	jq -c .iceServers "$T/body" >"$T/$1.bob"
}
wakeable bob
call first
call second


# Debian's coturn, twice: it looks up no static user where it has a secret.
coturn() {
	rp_coturn=$1
	rp_at=$2
	shift 2
	start_at turnhost "$rp_coturn" turnserver -n --realm=rp --no-cli \
	    --no-dtls --listening-ip 10.77.0.8 --relay-ip 10.77.0.8 \
	    --listening-port "$rp_at" --tls-listening-port $((rp_at + 100)) \
	    --cert "$T/cert.pem" --pkey "$T/key.pem" --log-file stdout \
	    --pidfile "$T/$rp_coturn.pidfile" --userdb "$T/$rp_coturn.db" "$@"
	wait_for 10 grep -q "auth thread" "$T/$rp_coturn.out"
}
relays=rp
if command -v turnserver >/dev/null; then
	relays="rp coturn"
	certificate
	only_ports turnhost 3478,4478 3478 3578 4478 4578
	coturn coturn 3478 --use-auth-secret \
	    --static-auth-secret="$TURN_SECRET"
	coturn static 4478 --lt-cred-mech --user alice:green --user bob:green
fi

# url RELAY FORM TRANSPORT
url() {
	rp_at=3478
	[ "$2" != static ] || rp_at=4478
	case $1.$3 in
	rp.udp) echo "turn:$(address turn)?transport=udp" ;;
	rp.tcp) echo "turn:$(address turn_tcp)?transport=tcp" ;;
	rp.tls) echo "turns:$(address turn_tls)?transport=tcp" ;;
	*.tls) echo "turns:10.77.0.8:$((rp_at + 100))?transport=tcp" ;;
	*) echo "turn:10.77.0.8:$rp_at?transport=$3" ;;
	esac
}

# name FORM WHO: the user name, which alice or bob has by that form.
forms="expiry user colons before utf8 longest static ours"
name() {
	case $1.$2 in
	expiry.alice) echo "$expiry" ;;
	expiry.bob) echo "$((expiry + 1))" ;;
	user.*) echo "$expiry:$2" ;;
	colons.*) echo "$expiry:@$2:example.org:8448" ;;
	before.*) echo "$2:$expiry" ;;
	utf8.alice) echo "$expiry:Zoë" ;;
	utf8.bob) echo "$expiry:Борис" ;;
	space.*) echo "$expiry:Zoë $2" ;;
	longest.*) printf '%s:%s%0*d\n' "$expiry" "$2" \
	    $((507 - ${#expiry} - ${#2})) 0 ;;
	static.*) echo "$2" ;;
	ours.*) jq -r '.[0].username' "$T/first.$2" ;;
	esac
}
is "$(name longest alice | tr -d '\n' | wc -c)" 508 \
    "a user name as long as the RFC's"
like "$(name ours bob)" '^[0-9]+:[^:]+:[^:]+$' "one of our signalling's"

# given RELAY FORM WHO TRANSPORT: iceServers.
given() {
	rp_user=$(name "$2" "$3")
	case $2 in
	static) rp_pass=green ;;
	ours) rp_pass=$(jq -r '.[0].credential' "$T/first.$3") ;;
	*) rp_pass=$(password "$rp_user") ;;
	esac
	servers "$(url "$1" "$2" "$4")" "$rp_user" "$rp_pass"
}

# Parties without business together do not meet while all others do.
lost() {
	pair cells "apart.$1" "$2" "$3" '{apart: 10}'
}
lost calls "$(cat "$T/first.alice")" "$(cat "$T/second.alice")"
lost client "$(cat "$T/first.alice")" "$(given rp user alice udp)"
rp_user=$expiry:alice
lost service "$(given rp user alice udp)" "$(TURN_SECRET=secret-of-the-meetings
    servers "$(url rp user udp)" "$rp_user" "$(password "$rp_user")")"
for relay in $relays; do
	pair cells "$relay.space.udp.other" "$(given "$relay" space alice udp)" \
	    "$(given "$relay" space bob udp)"
	for form in $forms; do
		for way in udp tcp tls; do
			alice=$(given "$relay" $form alice $way)
			pair cells "$relay.$form.$way.same" "$alice" "$alice" \
			    "{audio: $([ $form = user ] && echo true ||
			    echo false)}"
			pair cells "$relay.$form.$way.other" "$alice" \
			    "$(given "$relay" $form bob $way)"
		done
	done
done
pairs_meet cells 12 2>"$T/browser.err"

# outcome RELAY FORM WAY WHO: "relay/relay WAY" if they met, or why not.
outcome() {
	pair_has cells "$1.$2.$3.$4" \
	    'if .ok then [.a, .b] | map(.path) | unique | join(" ") else .why end'
}
for form in $forms; do
	for way in udp tcp tls; do
		for who in same other; do
			is "$(outcome rp $form $way $who)" "relay/relay $way" \
			    "$form by $way, $who user"
		done
	done
done
is "$(outcome rp space udp other)" "relay/relay udp" "names with a space, too"
is "$(jq '[.cells[] | .a.packets, .b.packets | select(. > 0)] | length' \
    "$T/cells.json")" $(($(echo "$relays" | wc -w) * 6)) "some had a voice, too"
for lost in calls client service; do
	is "$(pair_has cells apart.$lost \
	    '.ok, (.a.relayed != [] and .b.relayed != [])' | xargs)" \
	    "true true" "who have an address each and don't meet: $lost"
done

# The firewall of ours.
check "packets went through three ports" test "$(passed relay ours)" -gt 1000
is "$(passed relay others)" 0 "and nothing else in or out"
is "$(passed relay within)" 0 "nor within the host, by any other"

if [ "$relays" = rp ]; then
	skip "coturn" "not installed"
	finish
fi
echo "# coturn: names with a space: $(outcome coturn space udp other)"
met=0
for form in $forms; do
	for way in udp tcp tls; do
		for who in same other; do
			said=$(outcome coturn $form $way $who)
			if [ "$said" = "relay/relay $way" ]; then
				met=$((met + 1))
			else
				echo "# coturn: $form by $way, $who user: $said"
			fi
		done
	done
done
check "coturn as the control: $met of 48" test $met -ge 40
used=$(on turnhost nft -j list set ip only relayed |
    jq '[.nftables[].set.elem // empty | .[]] | length')
check "which took $used further ports" test "$used" -ge 48
finish
