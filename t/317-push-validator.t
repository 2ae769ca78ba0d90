#!/bin/sh
# What PUT /push accepts can be pushed to. Each form that no provider takes is
# refused with the reason, and so is an endpoint to which the sender may not
# go, as far as its URL shows. Where the operator has allowed that, it is
# accepted. The results of pushes stand in the log and with the device.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

point=BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU
zeros=$(printf '%087d' 0 | tr 0 A)
auth=AAAAAAAAAAAAAAAAAAAAAA
keys="{\"p256dh\":\"$point\",\"auth\":\"$auth\"}"
long=$(printf '%04100d' 0)

# refused WHY REGISTRATION, taken NAME REGISTRATION
refused() {
	is "$(ask bob PUT /push --data "$2"): $(cat "$T/body")" \
	    "400 bad-registration: $1" "refused: $1"
}
taken() {
	is "$(ask bob PUT /push --data "$2")" 204 "accepted: $1"
}
webpush() {
	printf '{"type":"webpush","to":{"endpoint":"%s","keys":%s}}' "$1" \
	    "${2-$keys}"
}
apns() {
	printf '{"type":"apns","to":{"token":"%s","topic":"org.example"%s}}' \
	    "$1" "${2-}"
}
sms() {
	printf '{"type":"sms","to":{"number":"%s"}}' "$1"
}

make_subscribers
: >"$T/pushsend.conf"
write_conf "exec rp-pushsend -c $T/pushsend.conf"
start_configured

# What it does not know yet it does not refuse.
reach_is_known() {
	[ "$(ask bob PUT /push --data "$(webpush https://localhost/)")" = \
	    "400 bad-registration" ]
}
check "the sender tells where pushes may go" wait_for 10 reach_is_known
refused "to.endpoint: localhost is the sender itself" \
    "$(webpush https://localhost/)"
refused "to.endpoint: 169.254.169.254 is not an address to which pushes may go" \
    "$(webpush https://169.254.169.254/)"
refused "to.endpoint: [::1] is not an address to which pushes may go" \
    "$(webpush 'https://[::1]/')"
refused "to.endpoint: wants https" "$(webpush http://push.example/)"
refused "to.endpoint: wants an https URL" "$(webpush file:///etc/passwd)"
refused "to.endpoint: wants a host" "$(webpush https://)"
refused "to.endpoint: has a user, which no push service wants" \
    "$(webpush https://u:p@h/)"
refused "to.endpoint: has a fragment, which is never sent" \
    "$(webpush 'https://push.example/#x')"
refused "to.endpoint: invalid host" "$(webpush https://2130706433/)"
refused "to.endpoint: too long: 4120 bytes, at most 2048" \
    "$(webpush "https://push.example$long")"
refused "to.keys.p256dh: not a point of P-256" "$(webpush \
    https://push.example/ "{\"p256dh\":\"$zeros\",\"auth\":\"$auth\"}")"
refused "to.keys.auth: wants 16 bytes in base64url" "$(webpush \
    https://push.example/ "{\"p256dh\":\"$point\",\"auth\":\"AAAA\"}")"
refused "to.token: wants a device token in hexadecimal" "$(apns 'nothex!')"
refused "to.environment: wants production or sandbox" \
    "$(apns 00ff ',"environment":"test"')"
refused "to.push_type: wants voip or alert" \
    "$(apns 00ff ',"push_type":"background"')"
refused "to.number: wants a telephone number" "$(sms alice)"
refused "to.number: wants a telephone number of your own, of 7 digits or more" \
    "$(sms 911)"
refused "to.token: too long: 4100 bytes, at most 4096" \
    "{\"type\":\"fcm\",\"to\":{\"token\":\"$long\"}}"

taken "a push service" "$(webpush https://push.example/x)"
taken "an endpoint of 2,048 bytes" "$(webpush \
    "https://push.example/$(printf '%02027d' 0)")"
taken "an FCM token of 4,096 bytes" \
    "{\"type\":\"fcm\",\"to\":{\"token\":\"$(printf '%04096d' 0)\",\"keys\":null}}"
taken "APNs without an environment" "$(apns 00ff)"
taken "APNs alerts" "$(apns 00ff ',"push_type":"alert"')"

# What the operator allows.
echo 'allow = [ "127.0.0.0/8" ];' >"$T/pushsend.conf"
check "a reload" rp-drain --socket "$T/switch.d/control" --reload
loopback_is_open() {
	[ "$(ask bob PUT /push --data "$(webpush http://127.0.0.1:9/x)")" = 204 ]
}
check "what the operator allows is accepted" wait_for 10 loopback_is_open
taken "localhost" "$(webpush https://localhost/)"
refused "to.endpoint: 10.0.0.1 is not an address to which pushes may go" \
    "$(webpush https://10.0.0.1/)"
check "the switch ends well" stop switch

# A command that does not say where it goes.
write_conf "exec $T/pusher $T"
start_configured
check "another command" wait_for 10 metric_is rp_push_child_up 1
taken "an address of which nothing is known" "$(webpush http://10.0.0.1/)"
taken "APNs alerts" "$(apns 00ff ',"push_type":"alert"')"
pusher_says failed
ask alice INITIATE /session/bob --data offer >/dev/null
short=$(jq -r '.sessionId[:8]' "$T/body")
check "a push that fails" wait_for 10 grep -q "push_failed session=$short" \
    "$T/switch.err"
is "$(pushed .to.push_type | tail -n 1)" alert "had the type that was registered"
like "$(grep "push_failed session=$short" "$T/switch.err")" \
    ' device=[0-9a-f]{8} provider=apns subscriber=[0-9a-f]{12} status=failed reason="" left_out=0$' \
    "is logged with session, device and provider"
is "$(grep -c 'number=' "$T/switch.err")" 0 "and without a number"
kept() {
	sqlite3 "$T/switch.d/rp.db" .dump | grep -qF "'$1'"
}
if command -v sqlite3 >/dev/null; then
	check "and the result stands with the device" wait_for 10 kept failed
else
	skip "and the result stands with the device" "no sqlite3"
fi

# What will be tried again is logged within bounds.
pusher_says retry
sed -i 's/repeat_ms = 300/repeat_ms = 100/' "$T/switch.conf"
echo 'log = { level = "debug"; };' >>"$T/switch.conf"
rp-drain --socket "$T/switch.d/control" --reload 2>/dev/null
ask alice INITIATE /session/bob --data offer >/dev/null
short=$(jq -r '.sessionId[:8]' "$T/body")
check "retries are counted" wait_for 10 \
    metric_least 'rp_push_results_total{status="retry"}' 15
like "$(grep -c "push_retry session=$short" "$T/switch.err")" '^1[01]$' \
    "but not each has a line"
like "$(grep push_subscriber "$T/switch.err" | head -n 1)" \
    ' subscriber=[0-9a-f]{12} number=bob$' "debug tells the number"
alias=$(sed -n 's/.*push_subscriber subscriber=\([0-9a-f]*\) .*/\1/p' \
    "$T/switch.err" | head -n 1)
check "of the subscriber in the other lines" \
    grep -q "push_failed .* subscriber=$alias " "$T/switch.err"
stop switch KILL
finish
