#!/bin/sh
# FCM against a server that verifies everything: the service account's
# assertion, the access token, which is kept and renewed, and the message's
# form. Each documented error and fault has its result.
. "$(dirname "$0")/lib.sh"
. "$RP_SRC/t/push/push.sh"

# fcm_service NAME [VARIABLE=VALUE...]: and its configuration.
fcm_service() {
	(
		name=$1
		shift
		[ $# -eq 0 ] || export "$@"
		start_service "$name" fcm
	)
	rp_started="$rp_started $1"
	cat >"$T/$1.conf" <<END
ca_file = "cert.pem";
fcm: {
	service_account = "$1.d/account.json";
	url = "https://localhost:$(service_port "$1")";
};
END
}

push_certificate
fcm_service fcm
log=$T/fcm.d/log

# request ID TOKEN [MORE [KEYS]]
request() {
	printf '{"id":"%s","type":"fcm","to":{"token":"%s"%s},' "$1" "$2" \
	    "${4+,\"keys\":$4}"
	printf '"payload":{"for":"%s"},"ttl":%s%s}\n' "$1" "${ttl:-20}" "${3-}"
}

send() {
	timeout 60 rp-pushsend -c "$T/$1.conf"
}

# A token that lives just longer than it is renewed ahead of its end; this takes
# its time while the rest goes on.
fcm_service ahead TOKEN_LIFE=311 HOLD_TOKEN=1
mkfifo "$T/ahead.in"
start renew sh -c "exec rp-pushsend -c '$T/ahead.conf' <'$T/ahead.in'"
# Held open by a process of its own, for the fifo not to end.
start ahead.hold sh -c 'exec sleep 600 >"$0"' "$T/ahead.in"
request a ok:a >"$T/ahead.in"

keys=$(cat "$T/fcm.d/receiver.json")
{
	request a ok:a ',"topic":"t1"' "$keys"
	ttl=0 request b ok:b ',"urgency":"low"'
	request c ok:c
} | send fcm >"$T/out"
is "$(jq -r '"\(.id) \(.status) \(.attempts)"' "$T/out" | sort | xargs)" \
    "a sent 1 b sent 1 c sent 1" "messages are sent"
is "$(jq -c 'select(.token == "ok:a") |
    [.wrong, .encrypted, .payload, .android, .http]' "$log")" \
    '[null,true,{"for":"a"},{"priority":"HIGH","ttl":"20s","collapse_key":"t1"},"2.0"]' \
    "encrypted for the device, high priority, short-lived"
is "$(jq -c 'select(.token == "ok:b") | [.encrypted, .payload, .android]' \
    "$log")" '[false,{"for":"b"},{"priority":"NORMAL","ttl":"0s"}]' \
    "as it is if the device gave no keys"
is "$(grep -c '"path":"/token"' "$log")" 1 "one access token for all"
is "$(jq -r 'select(.wrong) | .wrong' "$log")" "" "nothing is wrong with them"

# Every documented error; those that may pass are tried until the deadline.
for code in UNSPECIFIED_ERROR INVALID_ARGUMENT UNREGISTERED \
    SENDER_ID_MISMATCH QUOTA_EXCEEDED UNAVAILABLE INTERNAL \
    THIRD_PARTY_AUTH_ERROR s404 s403; do
	case $code in
	QUOTA_EXCEEDED | UNAVAILABLE | INTERNAL)
		request $code $code:x ',"deadline_ms":500'
		;;
	*) request $code $code:x ;;
	esac
done >"$T/in"
send fcm <"$T/in" >"$T/out"
check "one result each" one_each "$T/in" "$T/out"
is "$(jq -r '"\(.id)=\(.status)"' "$T/out" | sort | xargs)" \
    "INTERNAL=retry INVALID_ARGUMENT=failed QUOTA_EXCEEDED=retry\
 SENDER_ID_MISMATCH=failed THIRD_PARTY_AUTH_ERROR=failed UNAVAILABLE=retry\
 UNREGISTERED=gone UNSPECIFIED_ERROR=failed s403=failed s404=failed" \
    "only UNREGISTERED is gone"

# Faults.
for fault in s503 s429 reset refuse goaway drop s500; do
	request $fault once-$fault:x
done >"$T/in"
send fcm <"$T/in" >"$T/out"
is "$(jq -r .status "$T/out" | sort | uniq -c | xargs)" "7 sent" \
    "passing faults are overcome"

# The access token: short-lived, renewed; refused, replaced.
fcm_service short TOKEN_LIFE=2
tokens() {
	grep -c '"path":"/token"' "$T/$1.d/log"
}
more_tokens() {
	[ "$(tokens short)" -gt 1 ]
}
{
	request a ok:a
	wait_for 10 test -s "$T/out"
	never 2.2 more_tokens
	echo $? >"$T/untouched"
	request b ok:b
} | send short >"$T/out"
is "$(jq -r .status "$T/out" | xargs) $(tokens short)" "sent sent 2" \
    "an access token that has ended is replaced"
is "$(cat "$T/untouched")" 0 "but not before somebody needs it"
is "$(jq -r 'select(.wrong) | .wrong' "$T/short.d/log")" "" \
    "and never used after its end"
fcm_service flaky FAIL_TOKEN=503,500
request a ok:a | send flaky >"$T/out"
is "$(jq -r '"\(.status) \(.attempts)"' "$T/out")" "sent 3" \
    "a token endpoint in trouble is asked again"
fcm_service asks FAIL_TOKEN=429-60
request a ok:a | send asks >"$T/out"
is "$(jq -r '"\(.status) \(.attempts) \(.reason)"' "$T/out")" \
    "retry 1 token: 429" "and not before it asks for it"
fcm_service denied FAIL_TOKEN=400,400,400,400
request a ok:a | send denied >"$T/out" 2>"$T/err"
like "$(jq -r '"\(.status) \(.reason)"' "$T/out")" "failed token: 400" \
    "an account that is refused is a failure, at once"
request a ENDED:a | send fcm >"$T/out"
like "$(jq -r '"\(.status) \(.reason)"' "$T/out")" \
    'failed 401: UNAUTHENTICATED' \
    "a token refused while it is new is not renewed for ever"

# One message after the other, until the first is sent with the new token. That
# comes only when the service has had one more with the old.
n=0
bearers() {
	jq -r 'select(.bearer).bearer' "$T/ahead.d/log"
}
renewed() {
	[ $n -eq 0 ] || grep -q "\"b$n\"" "$T/renew.out" || return 1
	[ "$(bearers | sort -u | wc -l)" -lt 2 ] || return 0
	n=$((n + 1))
	request "b$n" "ok:b$n" 1<>"$T/ahead.in"
	return 1
}
wait_for 20 renewed
stop ahead.hold
join renew
is "$(jq -r '"\(.status) \(.attempts)"' "$T/renew.out" | sort -u) \
$(tokens ahead)" "sent 1 2" "an access token is renewed ahead of its end"
is "$(bearers | uniq | wc -l) $(jq -r '.path == "/token", .bearer // empty' \
    "$T/ahead.d/log" | awk '/^true/ { n++ } /^ya29/ && n == 1 { old = $0 }
    /^ya29/ && n == 2 && !seen { seen = 1; print ($0 == old) }')" "2 1" \
    "while the old one is used"

# A reload of the same account goes on with its access token.
fcm_service kept
over_reloads "$T/kept.conf" "$(request a ok:a)" "$(request b ok:b)"
is "$(jq -r .status "$T/over.out" | xargs) $(tokens kept)" "sent sent 1" \
    "an access token outlives reloads"

# Forms that are wrong.
{
	printf '{"id":"1","type":"fcm","to":{},"payload":{}}\n'
	printf '{"id":"2","type":"fcm","to":{"token":""},"payload":{}}\n'
	printf '{"id":"3","type":"fcm","to":{"token":"a\\nb"},"payload":{}}\n'
	printf '{"id":"4","type":"fcm","to":{"token":"a b"},"payload":{}}\n'
	printf '{"id":"5","type":"fcm","to":{"token":"ok:x"},'
	printf '"payload":{"x":"%04100d"}}\n' 0
	printf '{"id":"6","type":"fcm","to":{"token":"ok:x","keys":%s},' "$keys"
	printf '"payload":{"x":"%03000d"}}\n' 0
	request 7 ok:x '' '{"p256dh":"x","auth":"y"}'
} | send fcm >"$T/out"
is "$(jq -r '"\(.status) \(.attempts)"' "$T/out" | sort | uniq -c | xargs)" \
    "7 failed 0" "what cannot be sent is not tried"
printf '{"id":"6","type":"fcm","to":{"token":"ok:x","keys":%s},%s}\n' \
    "$keys" "$(printf '"payload":{"x":"%02952d"}' 0)" | send fcm >"$T/out"
is "$(jq -r .status "$T/out")" sent "the largest that fits is sent"

echo '{"type":"service_account"}' >"$T/empty.json"
printf 'fcm: { service_account = "empty.json"; };' >"$T/bad.conf"
rp-pushsend -t -c "$T/bad.conf" 2>"$T/err"
like "$? $(cat "$T/err")" '^1 .*fcm.service_account: wants' \
    "an account file that is none is refused"
is "$(cat "$T"/*.err "$T/err" | grep -c 'ya29\|PRIVATE')" 0 \
    "no secret is logged"
finish
