#!/bin/sh
# A switch that lies is detected, in three ways.
#
# Where the peer is known, other fingerprints in its description are refused
# before anything rings (exit 7). Where it is not, swapped fingerprints are not
# enough: DTLS shows another certificate than described (exit 7). A switch that
# decrypts on both sides gets a call through, but the two ends see different
# words. That switch is real here: one rp-dial answers for bob and is piped into
# another that calls him as alice.
. "$(dirname "$0")/lib.sh"

start_switch switch
d=$T/switch.d
lie=$(printf 'AB:%.0s' $(seq 31))AB

bob_waits() {
	rm -f "$T/bob.ready"
	start bob rp-dial --account "${1:-$d/bob.conf}" --answer --echo --once \
	    --json "$T/bob.json" --ready-file "$T/bob.ready"
	wait_for 10 test -s "$T/bob.ready" || fail "bob does not wait"
}

start mitm "$RP_BUILD/t/tools/mitm" "$d/cert.pem" "$d/key.pem" "$d/ca.pem" \
    "$(ready "$T/switch.ready" call)" "$lie" "$T/mitm.ready"
check "a switch that lies" wait_for 10 test -s "$T/mitm.ready"
lying=localhost:$(port "$(ready "$T/mitm.ready" call)")

# Nobody knows anybody: the certificate is not that of the description.
bob_waits
rp-dial --account "$d/alice.conf" --switch "$lying" --duration 1 \
    --json "$T/alice.json" bob 2>"$T/alice.err"
is $? 7 "swapped at the first call: exit 7"
like "$(cat "$T/alice.err")" "^rp-dial: bob: .*somebody may be in the middle" \
    "with a line that says why"
is "$(jq -r '.end_reason, .media' "$T/alice.json" | xargs)" \
    "unverified null" "and no audio"
stop bob
if grep -qs bob "$d/alice.known_peers"; then
	fail "a lie is not remembered"
else
	pass "a lie is not remembered"
fi

# An honest call first.
bob_waits
check "an honest call" rp-dial --account "$d/alice.conf" --duration 1 bob
join bob
bob_waits
rp-dial --account "$d/alice.conf" --switch "$lying" --duration 1 \
    --json "$T/alice.json" bob 2>"$T/alice.err"
is $? 7 "swapped when known: exit 7"
like "$(cat "$T/alice.err")" "^rp-dial: bob: .*in the middle" \
    "with a line that says why: bob has noticed first"
join bob
is $? 7 "at bob's end as well"
like "$(cat "$T/bob.err")" "^rp-dial: alice: identity changed: .*remove their \
line from $d/bob.known_peers" "with a line that says what to do"
is "$(jq -r '.end_reason, .security.known, .timing_ms.ring' \
    "$T/bob.json" | xargs)" "identity_changed false null" "before it rang"
is "$(jq -r .security.peer_fingerprint "$T/bob.json")" "$lie" \
    "and shows whose it is"

# Bob forgets whom he knew: now it is alice who notices.
rm "$d/bob.known_peers"
bob_waits
rp-dial --account "$d/alice.conf" --switch "$lying" --duration 1 \
    --json "$T/alice.json" bob 2>"$T/alice.err"
is $? 7 "swapped when the caller knows the callee: exit 7"
like "$(cat "$T/alice.err")" "^rp-dial: bob: identity changed: .*remove their \
line from $d/alice.known_peers" "with a line that says what to do"
is "$(jq -r '.end_reason, .security.peer_fingerprint, .timing_ms.answer' \
    "$T/alice.json" | xargs)" "identity_changed $lie null" \
    "before it was answered"
join bob
stop mitm

# In mid-call: bob hears nothing, so that he moves his audio, and what alice hears
# of that is a lie.
infos() {
	curl -sS "http://$(ready "$T/switch.ready" metrics)/metrics" |
	    sed -n 's/^rp_requests_total{method="INFO"} //p'
}
more_than() {
	[ "$(infos)" -gt "$1" ]
}
rm -f "$d/alice.known_peers" "$T/mitm.ready"
start mitm "$RP_BUILD/t/tools/mitm" "$d/cert.pem" "$d/key.pem" \
    "$d/ca.pem" "$(ready "$T/switch.ready" call)" "$lie" \
    "$T/mitm.ready" later
wait_for 10 test -s "$T/mitm.ready" || fail "a switch that lies later"
bob_waits
start alice rp-dial --account "$d/alice.conf" --duration 60 --switch \
    "localhost:$(port "$(ready "$T/mitm.ready" call)")" bob
wait_for 10 grep -qs bob "$d/alice.known_peers" || fail "the call"
wait_for 10 media_is ".rtp_packets > 10" || fail "they talk"
kill -USR1 "$(cat "$T/mitm.pid")"
wait_for 5 grep -q lies "$T/mitm.out" || fail "it lies"
before=$(infos)
kill -STOP "$(cat "$T/alice.pid")"
wait_for 20 more_than "$before" || fail "bob offers another way"
kill -CONT "$(cat "$T/alice.pid")"
join alice
is $? 7 "another certificate in mid-call: exit 7"
like "$(cat "$T/alice.err")" "another certificate in mid-call" \
    "with a line that says why"
join bob
stop mitm

# The real thing. Bob's own switch has an alice that is the attacker, alice's
# a bob that is the attacker.
start_switch elsewhere
e=$T/elsewhere.d
rm -f "$d/alice.known_peers"
mkfifo "$T/to_bob" "$T/to_alice"
bob_waits "$e/bob.conf"
start middle1 sh -c "exec rp-dial --account '$d/bob.conf' --answer --once \
    --in - --out - --ready-file '$T/middle.ready' \
    <'$T/to_alice' >'$T/to_bob'"
start middle2 sh -c "exec rp-dial --account '$e/alice.conf' --in - --out - \
    bob >'$T/to_alice' <'$T/to_bob'"
wait_for 10 test -s "$T/middle.ready" || fail "the attacker waits"
rp-dial --account "$d/alice.conf" --duration 2 --json "$T/alice.json" bob \
    2>"$T/alice.err"
is $? 0 "a call through an attacker who ends the encryption"
stop middle2 INT
join middle1
join bob
is "$(jq ".media | $flowed" "$T/alice.json" "$T/bob.json" |
    xargs)" "true true" "audio goes through"
words=$(jq -c .security.words "$T/alice.json")
like "$words" '^\["[A-Za-z]+","[A-Za-z]+","[A-Za-z]+","[A-Za-z]+"\]$' \
    "alice sees words"
like "$(jq -c .security.words "$T/bob.json")" \
    '^\["[A-Za-z]+","[A-Za-z]+","[A-Za-z]+","[A-Za-z]+"\]$' "bob sees words"
if [ "$(jq -c .security.words "$T/bob.json")" != "$words" ]; then
	pass "which are not the same"
else
	fail "which are not the same" "$words"
fi
finish
