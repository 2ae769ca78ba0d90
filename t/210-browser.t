#!/bin/sh
# A browser's calls go through the relay and nothing else. Two peer connections
# of headless Chromium with iceTransportPolicy "relay" exchange audio both ways
# and a data channel. They do so again on new candidates after an ICE restart in
# mid-call. Runs in a network namespace of its own.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/turn.sh"
. "$(dirname "$0")/browser.sh"
browser_need "$0" "$@"

# between URLS A-USERNAME A-PASSWORD B-USERNAME B-PASSWORD: what the page says.
between() {
	browse relay.html "urls=$1&user=$2&user2=$4$(
	    )&pass=$(encoded "$3")&pass2=$(encoded "$5")"
}

# shows RESULT NAME [PROTOCOL]: what every one of these calls must show.
shows() {
	is "$(echo "$1" | jq .ok)" true "$2: audio, data and an ICE restart: $1"
	is "$(echo "$1" | jq -r '[.pairs[], .restarted[]] |
	    map(startswith("relay/relay '"${3:-udp}"' 10.77.0.2:")) | all')" true \
	    "$2: relayed to relayed, on both sides, before and after"
	is "$(echo "$1" | jq -c .failures)" "[]" "$2: no candidate failed"
}

# The relay alone.
certificate
start_turnd relay -l 10.77.0.2:0 -T 10.77.0.2:0 -S 10.77.0.2:0 \
    -C "$T/cert.pem" -K "$T/key.pem" -q 16 -k 160
# alone URL PROTOCOL
alone() {
	a=$(username "$2" a)
	b=$(username "$2" b)
	shows "$(between "$1" "$a" "$(password "$a")" \
	    "$b" "$(password "$b")")" "turnd by $2" "$2"
}
alone "turn:$(ready "$T/relay.ready" turn)?transport=udp" udp
alone "turn:$(ready "$T/relay.ready" turn_tcp)?transport=tcp" tcp
alone "turns:$(ready "$T/relay.ready" turn_tls)?transport=tcp" tls
is "$(counter relay 'rp_turn_errors_total{code="401"}')" \
    "$(counter relay 'rp_turn_requests_total{method="allocate"}')" \
    "one 401 an allocation"
is "$(counter relay 'rp_turn_errors_total{code="437"}')" 0 "and no mismatch"
stop relay

# A switch, with what its signalling gave the two parties of a call. It takes
# certificate and subscribers from a --dev folder, and a push service that
# says yes.
start_switch dev
stop dev
cat >"$T/switch.conf" <<EOF
name = "10.77.0.2";
control = "$T/control";
call = { listen = "127.0.0.1:0"; push_ms = 600000; ring_ms = 600000; };
answer = { listen = "127.0.0.1:0"; };
tls = { certificate = "$T/dev.d/cert.pem"; key = "$T/dev.d/key.pem"; };
directory = "sqlite:$T/dev.d/rp.db";
push = {
	command = "jq --unbuffered -c '{id, status: \"sent\", attempts: 1}'";
};
relay = {
	listen = "10.77.0.2:0";
	tcp_listen = "10.77.0.2:0";
	tls_listen = "10.77.0.2:0";
	secret = "northnorthnorthnorth";
};
EOF
start switch rp-switchd -c "$T/switch.conf" --ready-file "$T/switch.ready"
wait_for 20 test -s "$T/switch.ready"

# ask METHOD NUMBER URL BODY: the body of the switch's answer.
ask() {
	curl -s --cacert "$T/dev.d/ca.pem" -X "$1" \
	    -u "$2:$(cat "$T/dev.d/$2.token")" --data-binary "$4" "https://$3"
}
call=$(ready "$T/switch.ready" call)
ask PUT bob "$call/push" '{"type":"command","to":{}}'
ask INITIATE alice "$call/session/bob" v=0 >"$T/alice.json"
session=$(jq -r .sessionId "$T/alice.json")
ask RING bob "$(ready "$T/switch.ready" answer)/session/$session" v=0 \
    >"$T/bob.json"
server() {
	jq -r ".iceServers[0].$2" "$T/$1.json"
}
# by NUMBER PROTOCOL: by that one of the URLs of its iceServers.
by() {
	shows "$(between "$(server alice "urls[$1]")" \
	    "$(server alice username)" "$(server alice credential)" \
	    "$(server bob username)" "$(server bob credential)")" \
	    "the switch by $2" "$2"
}
by 0 udp
by 1 tcp
by 2 tls
finish
