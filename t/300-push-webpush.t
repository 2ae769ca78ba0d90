#!/bin/sh
# Web Push from end to end. rp-pushsend sends to a real HTTP/2 service that
# checks RFC 8030's headers, verifies VAPID's signature and decrypts the
# payload. Every answer that a push service can give has the meaning that
# rp-push(7) states.
. "$(dirname "$0")/lib.sh"
. "$RP_SRC/t/push/push.sh"

start_service push webpush
port=$(service_port push)
key=$(cat "$T/push.d/receiver.json")
rp-pushsend --new-key "$T/vapid.pem" >"$T/vapid.public" ||
    fail "a VAPID key is made"
cat >"$T/pushsend.conf" <<END
allow = [ "127.0.0.0/8" ];
ca_file = "cert.pem";
webpush: { key = "vapid.pem"; subject = "mailto:ops@example.org"; };
END

# request ID ENDPOINT [MORE]: MORE is JSON members, each with a comma before.
request() {
	printf '{"id":"%s","type":"webpush","to":{"endpoint":"%s","keys":%s},' \
	    "$1" "$2" "${keys-$key}"
	printf '"payload":{"for":"%s"},"ttl":20%s}\n' "$1" "${3-}"
}

send() {
	timeout 60 rp-pushsend -c "$T/pushsend.conf"
}

here=https://127.0.0.1:$port

check "the configuration is read" rp-pushsend -t -c "$T/pushsend.conf"
is "$(rp-pushsend --public-key "$T/vapid.pem")" "$(cat "$T/vapid.public")" \
    "the public key is printed again"
check "a key is never written over" sh -c \
    "! rp-pushsend --new-key $T/vapid.pem"

# One push, looked at closely.
request a "$here/ok/a" ',"topic":"t-1","urgency":"normal"' | send >"$T/out"
is "$(jq -r '"\(.id) \(.status) \(.attempts)"' "$T/out")" "a sent 1" \
    "a push is sent"
log=$T/push.d/log
is "$(jq -c '[.wrong, .payload, .ttl, .urgency, .topic, .http]' "$log")" \
    '[null,{"for":"a"},"20","normal","t-1","2.0"]' \
    "it decrypts and has its headers, over HTTP/2"
is "$(jq -r '.vapid | "\(.sub) \(.key)"' "$log")" \
    "mailto:ops@example.org $(cat "$T/vapid.public")" \
    "it is signed by the VAPID key"

# What each answer means; FINAL once, AGAIN until the deadline.
for status in 200 202 204; do
	request "s$status" "$here/s$status/x"
done >"$T/in"
for status in 300 302 307 400 401 402 403 405 407 411 412 413 414 415 \
    418 421 426 428 431 451; do
	request "s$status" "$here/s$status/x"
done >>"$T/in"
for status in 404 410; do
	request "s$status" "$here/s$status/x"
done >>"$T/in"
for status in 406 408 425 429 500 501 502 503 504 507 511; do
	request "s$status" "$here/s$status/x" ',"deadline_ms":6000'
done >>"$T/in"
send <"$T/in" >"$T/out"
check "one result a request" one_each "$T/in" "$T/out"
is "$(jq -r 'select(.status == "sent").id' "$T/out" | sort | xargs)" \
    "s200 s202 s204" "2xx is sent"
is "$(jq -r 'select(.status == "gone").id' "$T/out" | sort | xargs)" \
    "s404 s410" "gone is 404 and 410, nothing else"
is "$(jq -r 'select(.status == "retry").id' "$T/out" | sort | xargs)" \
    "s406 s408 s425 s429 s500 s501 s502 s503 s504 s507 s511" \
    "406, 408, 425, 429 and 5xx are for later"
is "$(jq -r 'select(.status == "failed").id' "$T/out" | wc -l)" 20 \
    "all else has failed"
is "$(jq -r 'select(.status != "retry" and (.id | IN("s401", "s403") | not)).attempts' \
    "$T/out" | sort -u)" 1 "what is final is asked once"
check "and with a new token at most once more" \
    jq -es '[.[] | select(.id | IN("s401", "s403")).attempts] | max == 2' \
    "$T/out"
like "$(jq -r 'select(.status == "retry").attempts' "$T/out" | sort -n |
    head -n 1)" '^[2-9]$' "what may pass is asked again"
is "$(grep -c elsewhere "$log")" 0 "a redirect is not followed"

# Faults that pass.
for fault in s503 s500 s429 reset refuse drop goaway big bighead interim; do
	request "once-$fault" "$here/once-$fault/x"
done >"$T/in"
request half "$here/half/x" >>"$T/in"
send <"$T/in" >"$T/out"
check "one result a fault" one_each "$T/in" "$T/out"
is "$(jq -r .status "$T/out" | sort | uniq -c | xargs)" "11 sent" \
    "each passing fault is sent in the end"
is "$(results once-big "$T/out" '.ms < 5000')" true \
    "an answer without an end is not read until the attempt's time is up"
request dead "$here/half410/x" | send >"$T/out"
is "$(results dead "$T/out" '"\(.status) \(.attempts)"')" "gone 1" \
    "a status counts, even if the body breaks off"
# What waits is held against what waits longer: who comes first is the claim. A
# least time is one as well.
{
	request asked "$here/once-s429-2/asked"
	request quick "$here/once-s503/quick"
} | send >"$T/out"
is "$(results quick "$T/out" '"\(.attempts) \(.ms >= 100)"')" "2 true" \
    "a retry waits"
check "for less than two seconds" in_order "$T/out" quick asked
is "$(results asked "$T/out" '"\(.attempts) \(.ms >= 2000)"')" "2 true" \
    "Retry-After: 2 is two seconds"

{
	request held "$here/stall/held" ',"deadline_ms":2500'
	request late "$here/s503-30/x" ',"deadline_ms":9000'
} | send >"$T/out"
is "$(results late "$T/out" '"\(.status) \(.attempts)"')" "retry 1" \
    "a Retry-After beyond the deadline ends it"
check "at once" in_order "$T/out" late held

# A server that has stalled.
cat "$T/pushsend.conf" >"$T/quick.conf"
echo 'attempt_ms = 800;' >>"$T/quick.conf"
{
	request stall "$here/once-stall/x"
	request later "$here/stall/y" ',"deadline_ms":3000'
	request never "$here/stall/x" ',"deadline_ms":1000'
} | timeout 60 rp-pushsend -c "$T/quick.conf" >"$T/out"
# By itself: it takes down with it what shares its connection.
request freeze "$here/once-freeze/x" |
    timeout 60 rp-pushsend -c "$T/quick.conf" >>"$T/out"
is "$(results stall "$T/out" '"\(.status) \(.attempts >= 2)"')" "sent true" \
    "an answer that never comes is asked for again"
is "$(results freeze "$T/out" .status)" sent \
    "a connection that has died is replaced"
is "$(results never "$T/out" '"\(.status) \(.ms >= 790)"')" "retry true" \
    "the deadline ends it"
check "in time for one that is later" in_order "$T/out" never later

# TLS.
mkdir "$T/other"
printf 'allow = "127.0.0.0/8";\n' >"$T/other/pushsend.conf"
request tls "$here/ok/x" | timeout 60 rp-pushsend \
    -c "$T/other/pushsend.conf" >"$T/out"
like "$(jq -r '"\(.status) \(.reason)"' "$T/out")" '^failed .*certificate' \
    "a certificate that is not trusted is refused"

# Whom a user may have us call.
n=0
for url in "https://127.0.0.1:$port/ok/x" "https://localhost:$port/ok/x" \
    "http://127.0.0.1:$port/ok/x" "https://[::1]:$port/ok/x" \
    "https://0.0.0.0:$port/ok/x" "https://10.0.0.1/x" \
    "https://[::ffff:127.0.0.1]:$port/ok/x" "https://2130706433:$port/ok/x" \
    "https://169.254.169.254/latest" "https://0x7f.1:$port/ok/x"; do
	n=$((n + 1))
	request "url$n" "$url"
done >"$T/in"
before=$(wc -l <"$log")
timeout 60 rp-pushsend <"$T/in" >"$T/out"
is "$(jq -r .status "$T/out" | sort | uniq -c | xargs)" "10 failed" \
    "no address that is not public is called"
is "$(wc -l <"$log")" "$before" "nothing came through"
n=0
for url in "file:///etc/passwd" "gopher://127.0.0.1:$port/" "" x "//x" \
    "https://" "https://u:p@127.0.0.1:$port/ok/x" \
    "https://127.0.0.1:$port/ok/x#y" "https://127.0.0.1:$port/ok/a b" \
    "https://127.0.0.1:99999/"; do
	n=$((n + 1))
	request "url$n" "$url"
done >"$T/in"
send <"$T/in" >"$T/out"
is "$(jq -r '"\(.status) \(.attempts)"' "$T/out" | sort | uniq -c | xargs)" \
    "10 failed 0" "a URL other than https is not tried"
http_proxy=http://127.0.0.1:1 https_proxy=http://127.0.0.1:1 \
    ALL_PROXY=http://127.0.0.1:1 send <<END >"$T/out"
$(request proxy "$here/ok/x")
END
is "$(jq -r .status "$T/out")" sent "no proxy is used"

# Bad lines; the next is served.
{
	echo 'hello'
	echo
	printf '{"id":"long","type":"webpush","to":{"endpoint":"%020000d"}}\n' 0
	echo '{"id":"no-type"}'
	echo '{"id":"what","type":"pigeon","to":{},"payload":{}}'
	echo '{"id":"fcm","type":"fcm","to":{},"payload":{}}'
	keys='{"p256dh":"AAAA","auth":"AAAA"}' request short "$here/ok/x"
	keys='{}' request none "$here/ok/x"
	keys=$(echo "$key" | sed 's/"p256dh":"...../"p256dh":"BAAAA/') \
	    request curve "$here/ok/x"
	printf '{"id":"large","type":"webpush","to":{"endpoint":"%s",' \
	    "$here/ok/x"
	printf '"keys":%s},"payload":{"x":"%04000d"}}\n' "$key" 0
	request good "$here/ok/good"
	printf '%s' "$(request last "$here/ok/last")"
} >"$T/in"
send <"$T/in" >"$T/out"
is "$(wc -l <"$T/out")" 12 "each bad line has its result"
is "$(jq -r 'select(.status == "sent").id' "$T/out" | sort | xargs)" \
    "good last" "the next lines are served, the last without newline too"
is "$(jq -r 'select(.status == "failed").attempts' "$T/out" | sort -u)" 0 \
    "the bad ones are not tried"
like "$(results curve "$T/out" .reason)" 'not a point' "a bad curve is named"
like "$(results large "$T/out" .reason)" 'at most 3993' "so is a large payload"

finish
