#!/bin/sh
# The pages of contrib/turn-for keep their promises. Each has at most ten lines of
# configuration, and rp-switchd takes its part of them. With that part the relay
# is good for the user names and passwords that the application makes, in the form
# that its source gives them: each allocates, and is relayed, over UDP, TCP or TLS.
# A password of another secret is refused. What chatmail asks by a socket is
# answered as its page has it.
. "$(dirname "$0")/lib.sh"
own_network "$0" "$@"
TURNFOR_HOST=127.0.0.1
. "$(dirname "$0")/turnfor.sh"
command -v openssl >/dev/null || skip_all "needs openssl"
command -v jq >/dev/null || skip_all "needs jq"
credential=$RP_SRC/contrib/turn-for/credential
echo "$TURNFOR_SECRET" >"$T/secret"
echo "another-secret-than-that" >"$T/other"

# page | way | seconds to the expiry | user (none: "-") | where it is made
forms() {
	cat <<-END
		prosody|udp|86400|-|Prosody plugins/mod_external_services.lua behave_turn_rest_credentials
		prosody|tls|86400|everybody|likewise, with turn_external_user
		ejabberd|tcp|43200|37aec11020116dfd|processone/ejabberd src/mod_stun_disco.erl make_username
		synapse|udp|86400|@alice:example.org|element-hq/synapse synapse/rest/client/voip.py on_GET
		synapse|tls|86400|@alice:example.org:8448|likewise, of a server with a port
		synapse|udp|86400|@$long:example.org|likewise, the longest
		nextcloud-talk|udp|86400|k3+/Zq0aBcDeFgHi|nextcloud/spreed lib/Config.php getTurnSettings
		nextcloud-talk|tcp|300|turn-test-user|src/components/AdminSettings/TurnServer.vue testServer
		nextcloud-talk|udp|86400|aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF|strukturag/nextcloud-spreed-signaling backend_server.go calculateTurnSecret
		livekit|udp|14400|PA_4yVf8WqkG2tB|livekit/livekit pkg/service/roommanager.go iceServersForParticipant
		livekit|tls|14400|PA_4yVf8WqkG2tB|likewise
		jitsi|udp|86400|-|jitsi/jitsi-meet resources/prosody-plugins/mod_external_services.lua
		jitsi|tls|86400|-|likewise
		janus|udp|86400|8861728147468602|meetecho/janus-gateway src/turnrest.c: a session of no name
		chatmail|udp|432000|-|chatmail/relay chatmaild/src/chatmaild/metadata.py turn_credentials
	END
}
long=$(printf '%0240d' 0 | tr 0 a)

# lines PAGE: of configuration, which stand behind a line that ends in a colon.
lines() {
	awk '/^[^\t].*:$/ { part = 1; next }
	    part && /^\t/ { n++ }
	    part && !/^\t/ && !/^$/ { part = 0 }
	    END { print n + 0 }' "$RP_SRC/contrib/turn-for/$1"
}
# way WAY: the URL.
url() {
	case $1 in
	udp) echo "turn:$TURNFOR_HOST:3478?transport=udp" ;;
	tcp) echo "turn:$TURNFOR_HOST:3478?transport=tcp" ;;
	tls) echo "turns:$TURNFOR_HOST:5349?transport=tcp" ;;
	esac
}
# server NAME WAY USER PASSWORD: as iceServers, in $T/NAME.ice.
server() {
	jq -n --arg url "$(url "$2")" --arg user "$3" --arg pass "$4" \
	    '[{urls: $url, username: $user, credential: $pass}]' >"$T/$1.ice"
}
# made NAME WAY SECONDS USER SECRET-FILE: likewise, from a secret.
made() {
	if [ "$4" = - ]; then
		rp_made=$("$credential" "$5" "$3")
	else
		rp_made=$("$credential" "$5" "$3" "$4")
	fi
	server "$1" "$2" "${rp_made%:*}" "${rp_made##*:}"
}
# works NAME WAY WHAT
works() {
	turnfor_probe "$1" "$T/$1.ice" "$2"
	turnfor_works "$1" "$2" "$3"
}
# What metadata.py of chatmail asks of the socket, and Delta Chat with its line.
socket_gives() {
	turnfor_part chatmail /etc/systemd/system/rp-turn@.service |
	    sed -n "s|^ExecStart=/usr/local/lib/rp/||p" |
	    sed "s|/etc/rp/turn.secret|$T/secret|" >"$T/exec"
	# shellcheck disable=SC2046
	start socket systemd-socket-activate -a --inetd \
	    -l "$T/turn.socket" "${credential%/*}"/$(cat "$T/exec")
	wait_for 10 test -S "$T/turn.socket"
	line=example.org:3478:$(perl -MIO::Socket::UNIX -e \
	    'print IO::Socket::UNIX->new(shift)->getline' \
	    "$T/turn.socket")
	like "$line" '^example.org:3478:[0-9]+:[A-Za-z0-9+/]{27}=$' \
	    "$page: the line of its metadata"
	rest=${line#*:*:}
	server socket.line udp "${rest%%:*}" "${rest#*:}"
	works socket.line udp "$page: what the socket gave is good"
	stop socket
}
# All forms of a page at once.
each_form() {
	forms | grep "^$1|" | sed '=' | paste -d '|' - - >"$T/forms"
	while IFS='|' read -r n of way seconds user where; do
		made "form$n" "$way" "$seconds" "$user" "$T/secret"
		turnfor_probe "form$n" "$T/form$n.ice" "$way"
	done <"$T/forms"
	while IFS='|' read -r n of way seconds user where; do
		turnfor_works "form$n" "$way" "$of: $(jq -r '.[0].username' \
		    "$T/form$n.ice" | cut -c 1-48), as in $where, by $way"
	done <"$T/forms"
}

turnfor_certificate
for page in $(cd "$RP_SRC/contrib/turn-for" && ls | grep -vx -e README \
    -e credential); do
	n=$(lines "$page")
	like "$(turnfor_part "$page" /etc/rp/rp-switchd.conf)" \
	    '^relay: \{ peers' "$page: lines for rp-switchd"
	check "$page: $n lines of configuration" \
	    test "$n" -ge 4 -a "$n" -le 10
	like "$(cat "$RP_SRC/contrib/turn-for/README")" \
	    "^	$page(	|\$)" "$page: README lists it"
	if [ "$page" = simplex ]; then
		rp-users relay-user --realm "$TURNFOR_HOST" --make-password \
		    "$T/alice.password" alice >"$T/turn.users"
		chmod 600 "$T/turn.users"
	fi
	turnfor_conf "$page" "drain_ms = 0;" >"$T/rp-switchd.conf"
	check "$page: rp-switchd takes it" \
	    rp-switchd -t -c "$T/rp-switchd.conf"
	turnfor_relay "$page" "drain_ms = 0;"
	each_form "$page"
	case $page in
	nextcloud-talk)
		sed '/^relay:/d' "$T/rp-switchd.conf" >"$T/backend.conf"
		turnfor_part "$page" "With the high-performance backend" \
		    >>"$T/backend.conf"
		like "$(cat "$T/backend.conf")" '^relay: .*allowed_peers' \
		    "$page: a line for the backend"
		check "$page: rp-switchd takes that" \
		    rp-switchd -t -c "$T/backend.conf"
		;;
	synapse)
		made wrong udp 600 @alice:example.org "$T/other"
		turnfor_probe wrong "$T/wrong.ice" udp
		join wrong
		is "$? $(jq -r '.relay.ways[].fault.kind' "$T/wrong.json")" \
		    "6 secret" "$page: not with another secret"
		;;
	simplex)
		for way in udp tcp tls; do
			server static $way alice "$(cat "$T/alice.password")"
			turnfor_probe static.$way "$T/static.ice" $way
		done
		for way in udp tcp tls; do
			turnfor_works static.$way $way \
			    "$page: a static user by $way"
		done
		is "$(grep -c '[:@/?#]' "$T/alice.password")" 0 \
		    "$page: and its password is a part of a URL"
		;;
	chatmail)
		rp-drain --status --socket "$T/control" >"$T/status"
		is "$?" 7 "without a directory it takes no calls"
		like "$(cat "$T/status")" 'no-directory' "and says why"
		like "$(turnfor_part chatmail /etc/systemd/system/rp-turn.socket)" \
		    'SocketMode=0600' "its socket is for one user alone"
		if command -v systemd-socket-activate >/dev/null; then
			socket_gives
		else
			skip "$page: what the socket gave is good" \
			    "needs systemd-socket-activate"
		fi
		;;
	esac
	stop relay
done
for key in kbps_per_user allocations_per_user; do
	is "$(sed -n "s/.*relay\.$key is \([0-9,]*\).*/\1/p" \
	    "$RP_SRC/contrib/turn-for/README" | tr -d ,)" \
	    "$(sed -n "s/^\.It Ic relay\.$key = //p" \
	    "$RP_SRC/man/rp-switchd.conf.5")" \
	    "README knows the default of relay.$key"
done
is "$(forms | cut -d '|' -f 1 | sort -u | wc -l)" 8 \
    "eight applications have made names"
finish
