#!/bin/sh
# Two devices of one subscriber, with a certificate each. Both ring, and the
# caller has messages from the first when the second picks up. The call is then
# with the second: its audio, its certificate and its words. The first is told
# that the call was answered elsewhere.
. "$(dirname "$0")/lib.sh"

start_switch switch
d=$T/switch.d
rp-users --db "sqlite:$d/rp.db" add bob --token-file "$T/second.token"
{
	sed '/^token/d; /^identity/d' "$d/bob.conf"
	echo "token = \"$(cat "$T/second.token")\";"
	echo 'identity = "second.identity.pem";'
} >"$d/second.conf"

# device NAME ACCOUNT [OPTION...]
device() {
	name=$1 account=$2
	shift 2
	rm -f "$T/$name.ready"
	start "$name" rp-dial --account "$d/$account.conf" --answer --once \
	    --echo --json "$T/$name.json" --ready-file "$T/$name.ready" "$@"
	wait_for 10 test -s "$T/$name.ready" || fail "$name does not wait"
}

device first bob --ring 60
device second second --ring 0.5
kill -STOP "$(cat "$T/second.pid")"
RP_LOG=debug start alice rp-dial --account "$d/alice.conf" --duration 2 \
    --json "$T/alice.json" bob
wait_for 10 calls_are ringing || fail "the first device rings"
check "the caller is calling" running alice
kill -CONT "$(cat "$T/second.pid")"
join alice
is $? 0 "the call completes"
join second
is $? 0 "with the second device"
join first
is $? 11 "the first was too late: exit 11"
like "$(cat "$T/first.err")" "answered-elsewhere" "answered elsewhere"
is "$(jq -c .security.words "$T/alice.json")" \
    "$(jq -c .security.words "$T/second.json")" "the words are of the second"
fingerprint=$(openssl x509 -in "$d/second.identity.pem" -noout \
    -fingerprint -sha256 2>/dev/null | sed 's/.*=//')
is "$(jq -r .security.peer_fingerprint "$T/alice.json")" "$fingerprint" \
    "and the certificate"
is "$(jq ".media | $flowed and .loss_pct < 2" \
    "$T/alice.json" "$T/second.json" | xargs)" "true true" "and the audio"
finish
