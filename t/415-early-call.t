#!/bin/sh
# A call begins by its push (rp-push(7), "early"). Bob's media goes to alice while
# he connects. His first request is a RING with his answer, and because nobody is
# asked ANSWER is right behind it. With a user or a ringing time it comes later. A
# second call has a ticket, and RING is early data.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/early.sh"

early_switch
bob_waits --echo
check "a call completes" alice_calls
check "bob began by the push" begun 1
is "$(bobs 1 .end_reason)" completed "and completed it"
is "$(bobs 1 '.timing_ms | .tls <= .ring and .ring <= .answer and
    .answer <= .initiate')" true "he answered before RING was answered" ||
    bobs 1 .timing_ms
is "$(jq -c .security.words "$T/alice.json")" \
    "$(bobs 1 '.security.words | tojson')" "the words are the same"
is "$(bobs 1 .security.words | jq length)" 4 "and there are four"
is "$(bobs 1 '.security.peer_fingerprint != null')" true "alice is proven"

check "a second call completes" alice_calls
check "which began by the push too" begun 2
is "$(bobs 2 '.switch | .resumed and .early')" true "RING was early data" ||
    bobs 2 .switch
stop bob

bob_waits --echo --ring 0.3
check "bob rings for a while" alice_calls
check "having begun" begun 1
is "$(bobs 1 '.timing_ms | .initiate <= .ring and .ring < .answer')" true \
    "and answers then" || bobs 1 .timing_ms
stop bob
finish
