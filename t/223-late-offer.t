#!/bin/sh
# A stack that must know its TURN servers first gets them before it has an
# offer. The caller rings by INITIATE without a body, and its offer follows as an
# INFO. The push goes out at once. A device that comes before the offer gets the
# answer to its RING with the offer, and then what else the caller has said. If
# the offer does not come in time, the call ends as no-offer.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
write_conf "exec $T/pusher $T"
# Patience for a busy machine.
sed -i 's/^call = {/call = { offer_ms = 60000;/' "$T/switch.conf"
start_configured
wakeable bob
rp-users --db "sqlite:$T/switch.d/rp.db" add bob \
    --token-file "$T/switch.d/tablet.token"

# tablet COMMAND...: say something with the other device's token.
tablet() {
	mv "$T/switch.d/bob.token" "$T/switch.d/phone.token"
	cp "$T/switch.d/tablet.token" "$T/switch.d/bob.token"
	"$@"
	rp_status=$?
	mv "$T/switch.d/phone.token" "$T/switch.d/bob.token"
	return $rp_status
}

fragment=application/trickle-ice-sdpfrag
# initiate: a call of alice's without an offer; its session in $id.
initiate() {
	: >"$T/pushes"
	rp_before=$(count alice '^response 200 - 0 \{')
	say alice "INITIATE /session/bob"
	wait_for 10 sh -c "[ \$(grep -c '^response 200 - 0 {' $T/alice.out) \
	    -gt $rp_before ]" || return
	id=$(sed -n 's/.*"sessionId":"\([0-9a-f]*\)".*/\1/p' "$T/alice.out" |
	    tail -n 1)
}
# pinged NAME: it has the answer to a request that it made just now.
pinged() {
	rp_now=$(count "$1" '^response')
	say "$1" "GET /keepalive"
	wait_for 10 sh -c "[ \$(grep -c '^response' $T/$1.out) -gt $rp_now ]"
}

talk alice alice
check "INITIATE without an offer" initiate
is "$(grep '^response' "$T/alice.out" | sed 's/^[^{]*//' |
    jq -r '.iceServers[0].username' | cut -d : -f 2,3)" "$id:a" \
    "is answered with the caller's credentials"
check "and the push goes out" wait_for 5 test -s "$T/pushes"
say alice "INFO /session/$id type=$fragment body=candidate-1"
is "$(ask bob RING "/session/$id" --data answer)" "409 no-offer" \
    "an answer before the offer: 409"
is "$(ask bob ANSWER "/session/$id")" "409 no-offer" "and so is ANSWER"
talk bob bob answer
say bob "RING /session/$id"
check "alice hears the ring" heard alice "^request RING /session/$id - - \$"
say alice "INFO /session/$id type=$fragment body=candidate-2"
pinged alice
is "$(count bob '^re[sq]')" 0 "bob waits for his answer, and for the candidates"

# What is not an offer.
printf 'v=0\n\377' >"$T/binary"
is "$(ask alice INFO "/session/$id" -H 'Content-Type: application/sdp' \
    --data-binary "@$T/binary")" "400 no-offer" "an offer that is not text: 400"
is "$(ask alice INFO "/session/$id" -H 'Content-Type: Application/SDP')" \
    "400 no-offer" "an empty one: 400"

# The caller's connection breaks, and it says its offer twice.
bye alice
talk alice alice answer
say alice "RESUME /session/$id"
check "the caller resumes" heard alice '^response 200 - 0 \{.*"iceServers"'
say alice "INFO /session/$id type=application/sdp;charset=utf-8 body=offer"
check "the offer" heard alice '^response 200 - 0 $'
check "is bob's answer" heard bob '^response 200 - 0 \{.*"offer":"offer"'
check "and then he gets the candidates" heard bob 'candidate-2$'
is "$(sed -n 's/^\(response 200\).*/\1/p; s/^request INFO .* //p' \
    "$T/bob.out" | xargs)" "response 200 candidate-1 candidate-2" "in order"
say alice "INFO /session/$id body=offer"
pinged alice
say alice "INFO /session/$id body=another"
check "another description is a message like any other" \
    heard bob '^request INFO .* application/sdp another$'
is "$(count bob ' offer$')" 0 "and the same offer again is not"
is "$(tablet ask bob RING "/session/$id")" 200 \
    "another device, which comes later"
is "$(jq -r .offer "$T/body")" offer "gets the offer at once"
say bob "RING /session/$id body=answer"
check "alice gets the answer" heard alice 'RING .* answer$'
say bob "ANSWER /session/$id"
check "ANSWER" heard alice "^request ANSWER /session/$id"
say alice "HANGUP /session/$id"
check "HANGUP" heard bob '^request HANGUP .* hung-up'

# Two devices wait. One of them comes again on another connection, the other
# says that it is busy.
ring='rp_requests_total{method="RING"}'
check "a second call" initiate
rings=$(metric "$ring")
say bob "RING /session/$id"
tablet talk other bob answer
say other "RING /session/$id"
check "both devices wait" wait_for 10 metric_is "$ring" $((rings + 2))
bye other
tablet talk again bob answer
say again "RESUME /session/$id"
is "$(ask bob BUSY "/session/$id")" 200 "one is busy"
is "$(ask bob RING "/session/$id") $(ask bob RING "/session/$id" \
    --data answer)" "409 409" "it rings no more, offer or not"
say alice "INFO /session/$id type=$fragment body=candidate"
say alice "INFO /session/$id body=offer"
check "the other is answered where it is now" \
    heard again '^response 200 .*"offer":"offer"'
check "and hears the caller" heard again '^request INFO .* candidate$'
check "the busy one is told so" heard bob '^response 409'
say again "RING /session/$id body=answer"
check "alice gets the answer" heard alice "RING /session/$id .* answer\$"
say alice "HANGUP /session/$id"

# The caller gives up.
check "a third call" initiate
say again "RING /session/$id"
check "rings" heard alice "^request RING /session/$id"
say alice "HANGUP /session/$id"
check "a device that waits is told by 410" heard again '^response 410 cancelled'

# The offer never comes. rp-dial, as it was before, is what waits.
stop switch
sed -i -e 's/offer_ms = 60000/offer_ms = 2000/' \
    -e 's|exec [^"]*|rp-pushsend --dev|' "$T/switch.conf"
start_configured
sed -i "s|^switch = .*|switch = \"$(address call)\";|" "$T/switch.d/bob.conf"
for rp_who in alice bob again; do
	bye $rp_who
done
start bob rp-dial --account "$T/switch.d/bob.conf" --answer --once --echo \
    --json "$T/bob.json" --ready-file "$T/bob.ready"
check "rp-dial is ready" wait_for 10 test -s "$T/bob.ready"
talk alice alice
check "a call to it" initiate
check "it rings" heard alice "^request RING /session/$id"
check "and is told that no offer came" \
    heard alice "^request HANGUP /session/$id no-offer"
join bob
is $? 11 "the callee sees a call that is over"
is "$(metric 'rp_calls_ended_total{reason="no-offer"}')" 1 "it is counted"
is "$(metric rp_calls_active)" 0 "and nothing is left"
is "$(grep -c 'level=error' "$T/switch.err")" 0 "nor an error logged"
finish
