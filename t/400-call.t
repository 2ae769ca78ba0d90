#!/bin/sh
# A call from end to end. Alice's rp-dial races the switch, which wakes bob's
# with an encrypted push. Bob's rp-dial rings, answers and echoes the audio.
# Both report the same call: the same words, each other's certificate and every
# step in order. In a second call the peer is known.
. "$(dirname "$0")/lib.sh"

start_switch switch
alice="rp-dial --account $T/switch.d/alice.conf"
bob="rp-dial --account $T/switch.d/bob.conf"

field() {
	jq -r "$2" "$T/$1.json"
}

start bob $bob --answer --echo --once --json "$T/bob.json" \
    --ready-file "$T/bob.ready"
check "bob can be woken" wait_for 10 test -s "$T/bob.ready"
like "$(cat "$T/bob.ready")" '^push=127\.0\.0\.1:[0-9]+$' "the ready file"
check "alice's call completes" \
    $alice --duration 2 --json "$T/alice.json" bob
join bob
is $? 0 "bob's end completes"
is "$(cat "$T/bob.out" "$T/bob.err")" "" "nothing but what was asked"

is "$(field alice '.callee, .end_reason' | xargs)" "bob completed" \
    "alice's report"
is "$(field bob '.caller, .callee, .end_reason' | xargs)" \
    "alice bob completed" "bob's report"
is "$(field alice '.timing_ms |
    .dns <= .connect and .connect < .tls and .tls < .initiate and
    .initiate < .ring and .ring < .answer and .answer < .media')" true \
    "the steps are in order"
is "$(field alice '.multiconnect[0].outcome')" won "the race"
is "$(field alice '.switch.address')" "$(ready "$T/switch.ready" call)" \
    "the switch"
# Two seconds are a hundred packets where nothing else keeps the machine busy.
is "$(field alice '.media | .codec == "opus" and .packets_sent > 25 and
    .loss_pct < 2 and .mos > 1')" true "the media" || field alice .media
is "$(field bob '.media | .packets_sent > 25 and .loss_pct < 2')" \
    true "bob's media"
is "$(jq -cs 'map(.media | {s: .packets_sent, r: .packets_received}) |
    .[0].r > .[1].s / 2 and .[1].r > .[0].s / 2' "$T/alice.json" \
    "$T/bob.json")" true "what one sends the other gets"
is "$(field alice '.security.words | length')" 4 "four words"
is "$(field alice '.security.words')" "$(field bob '.security.words')" \
    "the same at both ends"
is "$(field alice .security.known) $(field bob .security.known)" \
    "false false" "a first call"
is "$(sed -n 's/^bob //p' "$T/switch.d/alice.known_peers")" \
    "$(field alice .security.peer_fingerprint | tr -d : | tr A-F a-f)" \
    "bob is remembered"

start bob $bob --answer --echo --once --json "$T/bob2.json" \
    --ready-file "$T/bob2.ready"
wait_for 10 test -s "$T/bob2.ready"
check "a second call completes" \
    $alice --duration 1 --json "$T/alice2.json" bob
join bob
is "$(field alice2 .security.known) $(field bob2 .security.known)" \
    "true true" "and knows the peer"
is "$(field alice2 .security.peer_fingerprint)" \
    "$(field alice .security.peer_fingerprint)" "who is the same"
if [ "$(field alice2 .security.words)" != "$(field alice .security.words)" ]
then
	pass "words are for one call"
else
	fail "words are for one call"
fi
is "$(wc -l <"$T/switch.d/alice.known_peers")" 1 "remembered once"
finish
