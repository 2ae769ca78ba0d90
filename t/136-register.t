#!/bin/sh
# Registration. A code goes to the number by SMS, and a client that returns it
# gets a device, which can then call and be called. Wrong codes, expired codes
# and too many codes are refused.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
write_conf "exec $T/pusher $T"
start_configured

# open METHOD TARGET [BODY]: without credentials; "STATUS REASON".
open() {
	curl -sS --max-time 10 --cacert "$T/switch.d/ca.pem" -D "$T/head" \
	    -o "$T/body" -X "$1" ${3:+--data "$3"} \
	    "https://$(address call)$2" 2>"$T/curl.err"
	echo "$(sed -n 's/^HTTP.1.1 \([0-9]*\).*/\1/p' "$T/head")" \
	    "$(header Reason)" | sed 's/ $//'
}

is "$(open POST /verification/+27215551234)" "404 no-registration" \
    "not by default"
is "$(open PUT /subscriber/+27215551234 '{}')" "404 no-registration" \
    "nor the other"
stop switch

write_conf "exec $T/pusher $T" 'registration = { enabled = true; };'
start_configured
is "$(open POST /verification/+27215551234)" 202 "a code is on its way"
check "by SMS" wait_for 5 test -s "$T/pushes"
is "$(pushed '.type, .to.number, .payload.kind' | xargs)" \
    "sms +27215551234 code" "to that number"
code=$(pushed .payload.code)
like "$code" '^[0-9]{6}$' "six digits"
if grep -q "$code" "$T/switch.err"; then
	fail "which are not in the log"
else
	pass "which are not in the log"
fi
token=0123456789abcdef0123456789abcdef
claim() {
	open PUT "/subscriber/$1" "{\"code\":\"$2\",\"token\":\"$3\"}"
}
wrong=$(printf '%06d' $(((${code#"${code%%[!0]*}"} + 1) % 1000000)))
is "$(claim +27215551234 "$wrong" "$token")" "403 code" "another code: 403"
is "$(claim +27215550000 "$code" "$token")" "403 code" \
    "for another number: 403"
is "$(claim +27215551234 "$code" short)" "400 bad-claim" "a short token: 400"
is "$(claim +27215551234 "$code" '')" "400 bad-claim" "no token: 400"
is "$(open PUT /subscriber/+27215551234 nonsense)" "400 bad-claim" \
    "no JSON: 400"
is "$(claim +27215551234 "$code" "$token")" 201 "the right one: 201"
is "$(claim +27215551234 "$code" "$token")" "403 code" "but once"

echo "$token" >"$T/switch.d/+27215551234.token"
is "$(ask +27215551234 GET /keepalive)" 200 "the device is known"
wakeable +27215551234
is "$(ask alice INITIATE /session/+27215551234 --data offer)" 200 \
    "and can be called"
ask alice HANGUP "/session/$(jq -r .sessionId "$T/body")" >/dev/null

# A second device, then too many tries, then too many codes.
: >"$T/pushes"
is "$(open POST /verification/+27215551234)" 202 "another code"
wait_for 5 test -s "$T/pushes"
code=$(pushed .payload.code)
wrong=$(printf '%06d' $(((${code#"${code%%[!0]*}"} + 1) % 1000000)))
for i in 1 2 3 4 5; do
	claim +27215551234 "$wrong" "$token" >/dev/null
done
is "$(claim +27215551234 "$code" "$token")" "403 code" \
    "after five wrong ones the right one is void"
: >"$T/pushes"
is "$(open POST /verification/+27215551234)" 202 "a third code"
wait_for 5 test -s "$T/pushes"
is "$(claim +27215551234 "$(pushed .payload.code)" "$token.second")" 201 \
    "a second device"
is "$(open POST /verification/+27215551234)" "429 too-many-codes" \
    "a fourth in the hour: 429"
like "$(header Retry-After)" '^3[56][0-9][0-9]$' "until the hour is over"
for i in $(seq 20); do
	last=$(open POST "/verification/+2721555$i")
done
is "$last" "429 too-many-codes" "a source has its limit too"
is "$(metric rp_enrol_codes_total) $(metric rp_enrol_limited_total)" "19 5" \
    "all is counted"
is "$(ask alice GET /keepalive)" 200 "and others are served"
stop switch
is $? 0 "the switch stops"
finish
