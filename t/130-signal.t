#!/bin/sh
# Calls by hand, as rp-signal(7) describes them. The test checks the answer to
# each request and what the other side receives, in order. It covers refused
# clients, connections that break without ending a call, several devices, and
# glare.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
write_conf "exec $T/pusher $T"
# A busy machine is not to be hurried by a call that expires, and glare takes many
# calls of one pair.
sed -i 's/^call = {/call = { push_ms = 120000; ring_ms = 120000; per_pair_per_minute = 0;/' \
    "$T/switch.conf"
start_configured

# Who is refused.
is "$(ask alice GET /keepalive)" 200 "keepalive"
is "$(curl -sS --cacert "$T/switch.d/ca.pem" -o /dev/null -w '%{http_code}' \
    "https://$(address call)/keepalive")" 401 "nobody: 401"
is "$(curl -sS --cacert "$T/switch.d/ca.pem" -o /dev/null -w '%{http_code}' \
    -u "alice:$(token bob)" "https://$(address call)/keepalive")" 401 \
    "a wrong token: 401"
is "$(curl -sS --cacert "$T/switch.d/ca.pem" -o /dev/null -w '%{http_code}' \
    -u "mallory:$(token bob)" "https://$(address call)/keepalive")" 401 \
    "an unknown subscriber: 401"
like "$(curl -sS -D - --cacert "$T/switch.d/ca.pem" \
    "https://$(address call)/keepalive" | tr -d '\r')" \
    '^WWW-Authenticate: Basic' "and told how to say who it is"
is "$(metric rp_unauthorized_total)" 4 "each counted"
is "$(ask alice INITIATE /session/carol --data v=0)" "404 no-subscriber" \
    "an unknown callee: 404"
is "$(ask alice INITIATE /session/bob --data v=0)" "480 unreachable" \
    "a callee without a way to be woken: 480"
is "$(ask alice INITIATE /session/alice --data v=0)" "409 own-number" \
    "one's own number: 409"
printf 'v=0\n\377' >"$T/binary"
is "$(ask alice INITIATE /session/bob --data-binary "@$T/binary")" \
    "400 no-offer" "an offer that is not a string: 400"
is "$(ask alice INITIATE /session/a%20b --data v=0)" "404 no-such-name" \
    "an invalid number: 404"
is "$(ask alice RING /session/00112233445566778899aabbccddeeff)" 404 \
    "no such session: 404"
is "$(ask alice PATCH /session/bob)" 405 "another method: 405"
is "$(ask alice GET /session/bob)" 405 "a method of another target: 405"
is "$(ask alice GET /nothing)" "404 no-such-target" "another target: 404"
is "$(ask alice GET /switches)" 200 "switches"
is "$(jq -r '.switches[]' "$T/body")" "$(address call)" "by name and port"
is "$(ask alice GET /push/key)" "404 no-key" "no push key"

# Registrations.
is "$(ask bob PUT /push --data '{"type":"pigeon","to":{}}')" \
    "400 bad-registration" "a registration that is none: 400"
like "$(cat "$T/body")" '^type: wants' "which says what is wrong"
is "$(ask bob PUT /push --data '{"type":"webpush","to":{"endpoint":
    "https://push.example/x","keys":{"p256dh":"AA","auth":"AA"}}}')" \
    "400 bad-registration" "keys that are none: 400"
wakeable bob

# A call with curl alone, which goes away after each request.
began=$(date +%s)
is "$(ask alice INITIATE /session/bob --data-binary 'v=0
o=alice')" 200 "INITIATE"
id=$(jq -r .sessionId "$T/body")
like "$id" '^[0-9a-f]{32}$' "a session id"
is "$(jq -r '.iceServers[0].urls[0], .iceTransportPolicy, .serverName, .port' \
    "$T/body" | xargs)" \
    "turn:$(address turn)?transport=udp relay 127.0.0.1 $(port "$(address answer)")" \
    "the session object"
like "$(jq -r '.iceServers[0].username' "$T/body")" "^[0-9]{10,}:$id:a\$" \
    "credentials of this call"
like "$(jq -r '.iceServers[0] | .realm + " " + .nonce' "$T/body")" \
    '^rp [^ ]{20,}$' "and what the relay would challenge them with"
check "the push is sent" wait_for 5 test -s "$T/pushes"
is "$(pushed '.type, .topic, .payload.kind, .payload.caller,
    .payload.sessionId, .payload.serverName, .payload.port' | head -7 | xargs)" \
    "command $id call alice $id 127.0.0.1 $(port "$(address answer)")" \
    "and says who, where and which call"
expires_after "$began" 120 "until when"
check "and said again until the device is up" \
    wait_for 5 sh -c "[ \$(wc -l <$T/pushes) -ge 3 ]"
is "$(pushed .id | sort -u | wc -l)" 1 "with the same id"
is "$(ask bob ANSWER "/session/$id")" 409 "ANSWER before RING: 409"
is "$(ask bob INFO "/session/$id" --data x)" 409 "INFO before RING: 409"
is "$(ask alice INFO "/session/$id" --data early)" 200 "the caller's INFO"
is "$(ask bob RING "/session/$id")" 200 "RING"
is "$(jq -r '.caller, .offer' "$T/body" | xargs)" "alice v=0 o=alice" \
    "has caller and offer"
like "$(jq -r '.iceServers[0].username' "$T/body")" "^[0-9]{10,}:$id:b0\$" \
    "and credentials"
check "no push after RING" never 0.7 pushed_more "$(wc -l <"$T/pushes")"
is "$(ask bob ANSWER "/session/$id")" 409 "ANSWER before an answer: 409"
is "$(ask bob RING "/session/$id" --data answer)" 200 "RING with the answer"
is "$(ask bob RING "/session/$id" --data other)" 409 "but one"
is "$(ask bob RING "/session/$id" --data answer)" 200 "that may be repeated"
is "$(ask bob ANSWER "/session/$id")" 200 "ANSWER"
is "$(ask alice HANGUP "/session/$id")" 200 "HANGUP"
is "$(ask bob INFO "/session/$id" --data x)" "410 hung-up" "over: 410 and why"
is "$(metric 'rp_calls_ended_total{reason="hung-up"}')" 1 "counted"

# The same with connections that stay.
: >"$T/pushes"
talk alice alice
say alice "INITIATE /session/bob body=offer"
check "alice is answered" heard alice '^response 200 - 0 \{'
id=$(sed -n 's/.*"sessionId":"\([0-9a-f]*\)".*/\1/p' "$T/alice.out")
say alice "INFO /session/$id body=candidate-1"
say alice "INFO /session/$id body=candidate-2"
talk bob bob answer
say bob "RING /session/$id"
check "bob gets what gathered" heard bob '^request INFO .* candidate-2$'
is "$(grep -oE 'response 200|candidate-[12]$' "$T/bob.out" | xargs)" \
    "response 200 candidate-1 candidate-2" "after the answer, in order"
check "alice hears the ring" heard alice "^request RING /session/$id - - \$"
say bob "INFO /session/$id body=too-early"
say bob "RING /session/$id body=answer"
check "then the answer" \
    heard alice "^request RING /session/$id - application/sdp answer\$"
check "and what bob said before it" heard alice 'INFO .* too-early$'
say bob "ANSWER /session/$id"
check "ANSWER" heard alice "^request ANSWER /session/$id"
is "$(sed -n 's/^request \([A-Z]*\).*/\1/p' "$T/alice.out" | xargs)" \
    "RING RING INFO ANSWER" "in order"

# Bob's connection breaks; the call goes on, and nothing is lost.
say bob mute
say alice "INFO /session/$id body=unseen"
check "sent to bob" heard bob 'INFO .* unseen$'
bye bob
check "bob's connection is gone" wait_for 5 metric_is rp_connections 1
is "$(metric rp_calls_active)" 1 "the call is not"
say alice "INFO /session/$id body=missed"
talk bob2 bob answer
say bob2 "RESUME /session/$id"
check "RESUME gives what was missed" heard bob2 'INFO .* missed$'
is "$(grep -oE 'response 200|unseen$|missed$' "$T/bob2.out" | xargs)" \
    "response 200 unseen missed" "and what was never answered, in order"
say bob2 "HANGUP /session/$id reason=tired"
check "HANGUP with its reason" heard alice "^request HANGUP .* tired"
is "$(ask alice RESUME "/session/$id")" "410 tired" "which 410 has too"
bye bob2

# Cancelled: a late device hears why, and a push takes the ring back.
: >"$T/pushes"
say alice "INITIATE /session/bob body=offer"
check "pushed" wait_for 5 test -s "$T/pushes"
id=$(pushed .payload.sessionId | head -1)
say alice "HANGUP /session/$id"
check "the ring is taken back" \
    wait_for 5 grep -q '"kind": *"cancel"' "$T/pushes"
is "$(pushed 'select(.payload.kind == "cancel") | .topic')" "$id" \
    "on the same topic"
is "$(pushed 'select(.payload.kind == "cancel") | .payload.reason')" cancelled \
    "and says why"
is "$(ask bob RING "/session/$id")" "410 cancelled" "a late device: 410"

# Busy, declined.
say alice "INITIATE /session/bob body=offer"
check "pushed" wait_for 5 sh -c "jq -r .payload.sessionId $T/pushes |
    grep -qv $id"
id=$(pushed .payload.sessionId | tail -1)
is "$(ask bob BUSY "/session/$id")" 200 "BUSY"
check "alice hears it" heard alice "^request BUSY /session/$id busy"
: >"$T/pushes"
say alice "INITIATE /session/bob body=offer"
check "pushed" wait_for 5 test -s "$T/pushes"
id=$(pushed .payload.sessionId | tail -1)
is "$(ask bob HANGUP "/session/$id")" 200 "declined"
check "alice hears it" heard alice "^request HANGUP /session/$id declined"

# Glare: alice is calling bob, and bob calls alice. Ids are random, so it goes
# either way: until both have been seen.
wakeable alice
bad=
lives= gives_way=
for i in $(seq 30); do
	[ -n "$lives" ] && [ -n "$gives_way" ] && break
	: >"$T/pushes"
	ask alice INITIATE /session/bob --data offer >/dev/null
	first=$(jq -r .sessionId "$T/body")
	glare=$(ask bob INITIATE /session/alice --data offer)
	second=$(jq -r '.sessionId // empty' "$T/body" 2>/dev/null)
	if [ "$glare" = "409 glare" ]; then
		lives=1
		[ "$(ask alice RESUME "/session/$first")" = 200 ] ||
		    bad="$bad the first should live"
		ask alice HANGUP "/session/$first" >/dev/null
		continue
	fi
	gives_way=1
	[ "$glare" = 200 ] || bad="$bad $glare"
	[ "$first" \> "$second" ] || bad="$bad the first has the lower id"
	[ "$(ask alice RESUME "/session/$first")" = "410 glare" ] ||
	    bad="$bad the first should be over"
	[ "$(ask bob HANGUP "/session/$second")" = 200 ] ||
	    bad="$bad the second should live"
done
is "$bad$lives$gives_way" 11 "glare: the lower id lives, the other gives way"
: >"$T/pushes"
ask alice INITIATE /session/bob --data offer >/dev/null
first=$(jq -r .sessionId "$T/body")
ask bob RING "/session/$first" >/dev/null
is "$(ask bob INITIATE /session/alice --data offer)" "409 glare" \
    "one that rings already lives"
ask alice HANGUP "/session/$first" >/dev/null

# HTTP as others speak it.
is "$(ask alice GET /keepalive -H 'Connection: close')" 200 \
    "Connection: close"
is "$(header Connection)" close "is honoured"
head -c 9000 /dev/zero | tr '\0' 'x' >"$T/offer"
is "$(ask alice INITIATE /session/bob -H 'Expect: 100-continue' \
    --data-binary "@$T/offer")" 200 "Expect: 100-continue"
like "$(cat "$T/head")" '^HTTP/1.1 100 Continue' "is answered"
cp "$T/body" "$T/offered"
is "$(ask alice GET /keepalive --tls-max 1.2)" 200 "TLS 1.2"
is "$(metric rp_calls_active)" 1 "one call is left"
ask alice HANGUP "/session/$(jq -r .sessionId "$T/offered")" >/dev/null
stop switch
is $? 0 "the switch stops"
is "$(grep -c 'level=error' "$T/switch.err")" 0 "without an error"
finish
