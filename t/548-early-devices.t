#!/bin/sh
# Two devices of one subscriber begin media from the push, both at once, before
# the caller has the answer of either. She takes the handshake of the first that
# she hears, whoever that is, and the call is with the one that answers: its audio,
# its certificate and its words. Nothing is played before that. Each of the two
# answers in turn.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/early.sh"

early_switch
d=$T/switch.d
rp-users --db "sqlite:$d/rp.db" add bob --token-file "$T/second.token"
{
	sed '/^token/d; /^identity/d' "$d/bob.conf"
	echo "token = \"$(cat "$T/second.token")\";"
	echo 'identity = "second.identity.pem";'
} >"$d/second.conf"

# device NAME ACCOUNT RING_S: it rings for so long, then answers.
device() {
	rm -f "$T/$1.ready"
	RP_LOG=debug start "$1" rp-dial --account "$d/$2.conf" --answer --once \
	    --echo --ring "$3" --json "$T/$1.json" --ready-file "$T/$1.ready"
	wait_for 10 test -s "$T/$1.ready" || give_up "$1 waits" "$T/$1.err"
}

# fingerprint NAME: of the device's certificate.
fingerprint() {
	openssl x509 -in "$d/$1.identity.pem" -noout -fingerprint -sha256 \
	    2>/dev/null | sed 's/.*=//'
}

# answers NAME OTHER ACCOUNT OTHER_ACCOUNT
answers() {
	rm -f "$d/alice.known_peers"
	device "$1" "$3" 2
	device "$2" "$4" 60
	check "alice calls, and $1 answers" alice_calls --out "$T/$1.wav"
	join "$1"
	is $? 0 "$1 completes the call"
	join "$2"
	is $? 11 "$2 was too late: exit 11"
	like "$(cat "$T/$2.err")" "answered-elsewhere" "answered elsewhere"
	check "$1 began by the push" grep -q "event=early began=1" "$T/$1.err"
	check "and so did $2" grep -q "event=early began=1" "$T/$2.err"
	is "$(jq -r .security.peer_fingerprint "$T/alice.json")" \
	    "$(fingerprint "$3")" "the certificate is that of $1"
	is "$(jq -c .security.words "$T/alice.json")" \
	    "$(jq -c .security.words "$T/$1.json")" "and so are the words"
	is "$(jq '.timing_ms | .answer <= .media' "$T/alice.json")" true \
	    "nothing was heard before the answer" ||
	    jq -c .timing_ms "$T/alice.json"
	is "$(jq '.media.packets_received > 5' "$T/alice.json")" true \
	    "the audio flows"
}
answers first second bob second
answers third fourth second bob
finish
