#!/bin/sh
# APNs against a server that verifies everything, over HTTP/2 only: the provider
# token, the headers of VoIP and alert pushes, each reason in Apple's table, and
# the answers that mark a device token as dead.
. "$(dirname "$0")/lib.sh"
. "$RP_SRC/t/push/push.sh"

push_certificate
HTTP2_ONLY=1
export HTTP2_ONLY
start_service apns apns
start_service sandbox apns
cat >"$T/apns.conf" <<END
ca_file = "cert.pem";
apns: {
	key = "apns.d/AuthKey.p8"; key_id = "KEY1234567";
	team_id = "TEAM123456";
	url = "https://localhost:$(service_port apns)";
	sandbox_url = "https://localhost:$(service_port sandbox)";
};
END
log=$T/apns.d/log
keys=$(cat "$T/apns.d/receiver.json")

# request ID TOKEN [TO [MORE]]
request() {
	printf '{"id":"%s","type":"apns","to":{"token":"%s",' "$1" "$2"
	printf '"topic":"org.example.app"%s},"payload":{"kind":"%s",' \
	    "${3-}" "${kind:-call}"
	printf '"for":"%s"},"ttl":%s%s}\n' "$1" "${ttl:-20}" "${4-}"
}

send() {
	timeout 60 rp-pushsend -c "$T/apns.conf"
}

now=$(date +%s)
{
	request a 00aa ",\"keys\":$keys" ',"topic":"t1"'
	request b 00bb ',"push_type":"alert"' ',"urgency":"normal"'
	kind=cancel ttl=0 request c 00cc ',"push_type":"alert"' ',"topic":"t1"'
} | send >"$T/out"
is "$(jq -r '"\(.id) \(.status) \(.attempts)"' "$T/out" | sort | xargs)" \
    "a sent 1 b sent 1 c sent 1" "pushes are sent"
is "$(jq -c 'select(.payload.for == "a") | [.wrong, .topic, .type, .priority,
    .collapse, .aps, .encrypted, .http]' "$log")" \
    '[null,"org.example.app.voip","voip","10","t1",{},true,"2.0"]' \
    "VoIP: its topic and type, encrypted for the device"
is "$(jq -r --argjson from "$now" --argjson to "$(date +%s)" '
    select(.payload.for == "a") | .expiration | tonumber |
    . >= $from + 20 and . <= $to + 20' "$log")" true "it ends with the ring"
is "$(jq -c 'select(.payload.for == "b") | [.wrong, .topic, .type, .priority,
    .aps.alert.body, .aps["mutable-content"], .encrypted]' "$log")" \
    '[null,"org.example.app","alert","5","Incoming call",1,false]' \
    "alert: with a text, and the app may change it"
is "$(jq -c 'select(.payload.for == "c") | [.aps.alert.body, .aps.sound,
    .collapse, .expiration]' "$log")" '["Missed call",null,"t1","0"]' \
    "a cancel takes the ring's place, silently"
is "$(jq -r .token "$log" | sort -u | wc -l)" 1 "one provider token for all"

request s 00aa ',"environment":"sandbox"' | send >"$T/out"
is "$(jq -r .status "$T/out") $(wc -l <"$T/sandbox.d/log")" "failed 2" \
    "the sandbox is another service (with a key of its own here)"

# Apple's whole table; those that may pass are tried until the deadline.
jq -r 'to_entries[] | "\(.key) \(.value[0]) \(.value[1])"' \
    "$T/apns.d/reasons.json" >"$T/table"
may_pass="IdleTimeout InternalServerError ServiceUnavailable Shutdown\
 TooManyProviderTokenUpdates TooManyRequests"
while read -r digits status reason; do
	case " $may_pass " in
	*" $reason "*) request "$reason" "$digits" '' ',"deadline_ms":500' ;;
	*) request "$reason" "$digits" ;;
	esac
done <"$T/table" >"$T/in"
send <"$T/in" >"$T/out"
check "one result each" one_each "$T/in" "$T/out"
is "$(jq -r 'select(.status == "gone").id' "$T/out" | sort | xargs)" \
    "ExpiredToken Unregistered" "two reasons mean a dead token"
is "$(jq -r 'select(.status == "retry").id' "$T/out" | sort | xargs)" \
    "$may_pass" "these may pass"
is "$(jq -r 'select(.status == "failed").id' "$T/out" | wc -l)" \
    $(($(wc -l <"$T/table") - 8)) "all others have failed"
is "$(jq -r 'select(.status != "retry" and
    (.id | test("^(Expired|Invalid)ProviderToken$") | not)).attempts' \
    "$T/out" | sort -u)" 1 "and are asked once"

# Apple refuses a provider token that is made soon after another.
over_reloads "$T/apns.conf" "$(request kept1 00)" "$(request kept2 00)"
is "$(jq -r .status "$T/over.out" | xargs) $(jq -r 'select(.payload.for |
    strings | test("^kept")).token' "$log" | sort -u | wc -l)" "sent sent 1" \
    "a provider token outlives reloads of the same key"

# A token that died before it was registered lives.
{
	request old 4102 '' ',"registered":1699999999'
	request same 4102 '' ',"registered":1700000000'
	request new 4102 '' ',"registered":1700000001'
} | send >"$T/out"
is "$(jq -r '"\(.id)=\(.status)"' "$T/out" | sort | xargs)" \
    "new=failed old=gone same=gone" \
    "a 410 older than the registration is not a death"

# Faults. A retry keeps its apns-id.
{
	request goaway aa01
	request busy aa02
	request reset aa03
} | send >"$T/out"
is "$(jq -r .status "$T/out" | xargs)" "sent sent sent" \
    "passing faults are overcome"
is "$(jq -r 'select(.payload.for == "busy").id' "$log" | sort | uniq -c |
    awk '{print $1}')" 2 "a repeat has the same apns-id"

# Forms that are wrong.
{
	request 1 xyz
	request 2 ''
	request 3 '00/../..'
	request 4 00 ',"environment":"moon"'
	request 5 00 ',"push_type":"loud"'
	kind=cancel request 6 00
	printf '{"id":"7","type":"apns","to":{"token":"00"},"payload":{}}\n'
	printf '{"id":"8","type":"apns","to":{"token":"00","topic":"a b"},'
	printf '"payload":{}}\n'
	printf '{"id":"9","type":"apns","to":{"token":"00","topic":"a"},'
	printf '"payload":{"x":"%05200d"}}\n' 0
	printf '{"id":"10","type":"apns","to":{"token":"00","topic":"a",'
	printf '"push_type":"alert","keys":%s},"payload":{"x":"%03100d"}}\n' \
	    "$keys" 0
	request 11 00 ',"topic":"a.voip","push_type":"alert"' |
	    sed 's/"topic":"org.example.app",//'
} >"$T/in"
send <"$T/in" >"$T/out"
is "$(jq -r '"\(.status) \(.attempts)"' "$T/out" | sort | uniq -c | xargs)" \
    "11 failed 0" "what cannot be sent is not tried"

sed 's/key_id = "KEY1234567"/key_id = "KEY7654321"/' "$T/apns.conf" \
    >"$T/other.conf"
request a 00 | rp-pushsend -c "$T/other.conf" >"$T/out"
is "$(jq -r '"\(.status) \(.reason)"' "$T/out")" \
    "failed 403: InvalidProviderToken" "a wrong key id is a failure"
printf 'apns: { key = "apns.d/AuthKey.p8"; };' >"$T/bad.conf"
rp-pushsend -t -c "$T/bad.conf" 2>"$T/err"
like "$? $(cat "$T/err")" '^1 .*bad.conf:1: apns.key: wants apns.key_id and apns.team_id' \
    "a key needs its names"
finish
