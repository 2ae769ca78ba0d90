#!/bin/sh
# The four words keep what they promise: one guess for each call that somebody
# answers. A ring teaches nobody the callee's nonce, however often it is repeated
# and withdrawn. A middle that takes the words away is told to both ends, if they
# had words before. A callee whose nonce comes while it rings, as that of 0.1.0,
# gets none. Pins need a number.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

rings=20
make_subscribers
write_conf "exec rp-pushsend --dev"
sed -i 's/^call = {/call = { per_pair_per_minute = 0;/' "$T/switch.conf"
start_configured
d=$T/switch.d
sed -i "s|^switch = .*|switch = \"$(address call)\";|" "$d/alice.conf" \
    "$d/bob.conf"

bob_waits() {
	rm -f "$T/bob.ready"
	start bob rp-dial --account "$d/bob.conf" --answer --echo --ring 1 \
	    "$@" --json "$T/bob.json" --ready-file "$T/bob.ready"
	wait_for 10 test -s "$T/bob.ready" || fail "bob waits"
}

# call [OPTION...]: alice calls bob, who answers one call.
call() {
	rm -f "$T/bob.ready"
	start bob rp-dial --account "$d/bob.conf" --answer --echo --once \
	    --json "$T/bob.json" --ready-file "$T/bob.ready"
	wait_for 10 test -s "$T/bob.ready" || fail "bob waits"
	rp-dial --account "$d/alice.conf" --json "$T/alice.json" "$@" bob \
	    2>"$T/alice.err"
	rp_status=$?
	join bob
	return $rp_status
}

# lie FROM TO: a switch in the middle that replaces this in all that passes.
lie() {
	stop middle
	rm -f "$T/middle.ready"
	start middle "$RP_BUILD/t/tools/mitm" "$d/cert.pem" "$d/key.pem" \
	    "$d/ca.pem" "$(address call)" "s/$1/$2/" "$T/middle.ready"
	wait_for 10 test -s "$T/middle.ready" || fail "a switch that lies"
	lying=localhost:$(port "$(ready "$T/middle.ready" call)")
}

field() {
	jq -c ".security | $2" "$T/$1.json"
}

# Draw nonces: ring, and take it back at once.
id_of() {
	sed -n 's/.*"sessionId": *"\([^"]*\)".*/\1/p' "$T/alice.out" |
	    tail -n 1
}
has_answers() {
	[ "$(grep -c '^response 200.*sessionId' "$T/alice.out")" -ge "$1" ]
}
has_rings() {
	[ "$(grep -c '^request RING.*a=ice-ufrag' "$T/alice.out")" -ge "$1" ]
}
fingerprint=$(printf 'AB:%.0s' $(seq 31))AB
commit=a=rp-commit:$(printf 'A%.0s' $(seq 43))=
offer="v=0\\r\\no=- 7 1 IN IP4 127.0.0.1\\r\\ns=-\\r\\nt=0 0\\r\\n"
offer="${offer}m=audio 9 UDP/TLS/RTP/SAVPF 111\\r\\na=mid:0\\r\\n"
offer="${offer}a=ice-ufrag:abcd\\r\\na=ice-pwd:0123456789012345678901\\r\\n"
offer="${offer}a=fingerprint:sha-256 $fingerprint\\r\\na=setup:actpass\\r\\n"
offer="${offer}a=rtcp-mux\\r\\na=rtpmap:111 opus/48000/2\\r\\n$commit\\r\\n"

bob_waits --at-once 4
talk alice alice
i=1
while [ $i -le $rings ]; do
	say alice "INITIATE /session/bob sdp=$offer"
	wait_for 10 has_answers $i || break
	wait_for 10 has_rings $i || break
	say alice "HANGUP /session/$(id_of) reason=cancelled"
	i=$((i + 1))
done
is "$((i - 1))" "$rings" "so many rings, each withdrawn"
is "$(grep -c rp-nonce "$T/alice.out")" 0 "teach no nonce"

# One that is answered does, and not before.
say alice "INITIATE /session/bob sdp=$offer"
heard alice '^request INFO.*application/rp-nonce' ||
    fail "an answered call tells one"
is "$(sed -n 's/^request \(ANSWER\) .*/\1/p
    s/^request INFO .* \(application.rp-nonce\) .*/\1/p' "$T/alice.out" |
    xargs)" "ANSWER application/rp-nonce" "one that is answered does, by INFO"
say alice "HANGUP /session/$(id_of) reason=hung-up"

stop alice
stop alice.hold
stop bob

# Nothing is remembered before a call has words.
is "$(cat "$d/bob.known_peers.words" 2>&1 | grep -c alice)" 0 \
    "bob remembers no words that were not there"
check "an honest call" call --duration 1
is "$(field alice .words)" "$(field bob .words)" "has the same words"
is "$(field alice .no_words)$(field bob .no_words)" nullnull "at both ends"
is "$(cat "$d/alice.known_peers.words") $(cat "$d/bob.known_peers.words")" \
    "bob alice" "which both remember"
is "$(cat "$T/alice.err")" "" "without a line"

lost='no words, though an earlier call .*somebody may be in the middle'
lie a=rp-commit a=xx-commit
call --switch "$lying" --duration 1
is $? 0 "a call without the commitment"
is "$(field alice .words)$(field bob .words)" nullnull "has no words"
is "$(field alice .no_words) $(field bob .no_words)" '"lost" "lost"' \
    "which is told in the reports"
like "$(cat "$T/alice.err")" "^rp-dial: bob: $lost" "and to the caller"
like "$(cat "$T/bob.err")" "^rp-dial: alice: $lost" "and to the callee"

# Once the switch hides only what comes after ANSWER, the callee waits for it.
lie rp-nonce xx-nonce
call --switch "$lying" --duration 3
is "$? $(field alice .no_words) $(field bob .no_words)" \
    '0 "lost" "lost"' "a call without the nonces"
rm -f "$d"/*.known_peers.words
call --switch "$lying" --duration 3
is "$? $(field alice .no_words) $(field bob .no_words)" \
    '0 null "unrevealed"' "who never had words hears it from a caller only"
like "$(cat "$T/bob.err")" \
    "^rp-dial: alice: no words: the caller did not reveal its nonce" \
    "in a line"

# As 0.1.0 answers.
early=$(printf 'a=rp-nonce:%s=\r\na=setup:active' \
    "$(printf 'A%.0s' $(seq 43))")
lie a=setup:active "$early"
call --switch "$lying" --duration 1
is "$? $(field alice .words) $(field alice .no_words) $(field bob .words)" \
    '0 null "early" null' "a callee that shows its nonce early has no words"
like "$(cat "$T/alice.err")" "^rp-dial: bob: no words: .*0\.1\.0.*updated" \
    "and a line says so"
if [ -e "$d/alice.known_peers.words" ]; then
	fail "nor are any remembered"
else
	pass "nor are any remembered"
fi
stop middle

# What 0.1.0 wrote for a caller without a number.
sed -i "1s/^/ $(printf 'ab%.0s' $(seq 32))\\n/" "$d/bob.known_peers"
sed -i /alice/d "$d/bob.known_peers"
check "a pin without a number does not fail other calls" call --duration 1
like "$(cat "$T/bob.err")" \
    "known_peer_without_number.*line=1 action=ignored" "but a line warns of it"
is "$(sed -n 's/^alice .*/alice/p' "$d/bob.known_peers")" alice \
    "and who has a number is remembered"
finish
