# Sourced after turnfor.sh and pairs.sh by scenarios with an XMPP server, which
# listens for clients on 127.0.0.1:5222, for example.org. Its users are alice and
# bob, whose passwords are their names.
#
#	xmpp_servers USER		what it hands out, in $T/USER.ice
#	xmpp_ways FORM			all of it works, for each user alone
#	xmpp_call			alice and bob meet, each in a browser

xmpp_servers() {
	node "$RP_SRC/t/tools/xmpp.js" 127.0.0.1:5222 "$1@example.org" "$1" \
	    >"$T/$1.ice"
}

# A user name may be the second of its expiry, and no more.
xmpp_differ() {
	xmpp_servers bob &&
	    [ "$(xmpp_names bob)" != "$(xmpp_names alice)" ]
}

xmpp_names() {
	jq -r '.[].username' "$T/$1.ice" | sort -u
}

xmpp_ways() {
	check "alice is handed out credentials" xmpp_servers alice
	check "bob is handed out others" wait_for 5 xmpp_differ
	for user in alice bob; do
		like "$(xmpp_names $user)" "$1" "$user's name has the form $1"
		for way in udp tcp tls; do
			turnfor_probe $user.$way "$T/$user.ice" $way
		done
	done
	for user in alice bob; do
		for way in udp tcp tls; do
			turnfor_works $user.$way $way \
			    "$user's credentials are good by $way"
		done
	done
}

xmpp_call() {
	for way in udp tcp tls; do
		pair call $way "$(turnfor_way "$T/alice.ice" $way)" \
		    "$(turnfor_way "$T/bob.ice" $way)" '{audio: true}'
	done
	check "alice and bob call each other in two browsers" \
	    pairs_apart call chromium chromium
	for way in udp tcp tls; do
		is "$(pair_has call $way '[.a.path, .b.path] | join(", ")')" \
		    "relay/relay $way, relay/relay $way" \
		    "they meet in the relay, by $way"
		is "$(pair_has call $way '[.a, .b] | map(.packets > 20) | all')" \
		    true "and hear each other"
	done
}
