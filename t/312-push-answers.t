#!/bin/sh
# The tables of answers in rp-push(7) are true. They are the code's own, row by
# row. For each row a stand-in gives that answer to the real rp-pushsend, and
# the result is of the row's class, with the service's words as its reason. What
# a service asks for is waited for, in each way of asking. Hostile answers do no
# harm, and no reason tells whose phone it was.
. "$(dirname "$0")/lib.sh"
. "$RP_SRC/t/push/push.sh"

tool=$RP_BUILD/t/tools/answers
[ -x "$tool" ] || make -C "$RP_BUILD" t/tools/answers >/dev/null 2>&1

# The page's rows, as the tool prints the code's.
sed -n -e 's/^\.Sh WEB PUSH$/webpush/p; s/^\.Sh FCM$/fcm/p' \
    -e 's/^\.Sh APNS$/apns/p; s/^\.Sh SMS$/sms/p; s/^\.Sh COMMAND$/none/p' \
    -e 's/^\.It \([^ ]*\) Ta \([^ ]*\) Ta \([a-z]*\) Ta.*/\1 \2 \3/p' \
    "$RP_SRC/man/rp-push.7" |
    awk 'NF == 1 { p = $1; next } p != "none" && $1 != "Sy" { print p, $0 }' \
    >"$T/page"
"$tool" >"$T/code"
like "$(wc -l <"$T/page")" '^ *1[0-9][0-9]$' \
    "the page has more than a hundred rows"
check "they are the code's" diff "$T/page" "$T/code"

start_service all answers
cp "$T/page" "$T/all.d/rows"
port=$(service_port all)
at=https://localhost:$port
rp-pushsend --new-key "$T/vapid.pem" >/dev/null
cat >"$T/all.conf" <<END
ca_file = "cert.pem";
allow = [ "127.0.0.0/8", "::1" ];
webpush: { key = "vapid.pem"; subject = "mailto:ops@example.org"; };
fcm: { service_account = "all.d/account.json"; url = "$at"; };
apns: { key = "all.d/AuthKey.p8"; key_id = "K"; team_id = "T"; url = "$at"; };
sms: { url = "$at/sms"; body = "To=\${number}"; };
END
keys=$(cat "$T/all.d/receiver.json")

# request LINE PROVIDER: its id is the line's number.
request() {
	case $2 in
	webpush) to="{\"endpoint\":\"$at/row/$1\",\"keys\":$keys}" ;;
	fcm) to="{\"token\":\"row:$1\"}" ;;
	apns)
		to=$(printf '{"token":"%04x","topic":"org.example.app"}' "$1")
		;;
	sms) to=$(printf '{"number":"+1555%04d"}' "$1") ;;
	esac
	printf '{"id":"%s","type":"%s","to":%s,"payload":{"kind":"call"}}\n' \
	    "$1" "$2" "$to"
}
send() {
	timeout 60 rp-pushsend -c "$T/all.conf"
}

# A service that is ill or throttles us rests, so each such row has a sender of
# its own.
n=0
while read -r provider status code class; do
	n=$((n + 1))
	case $class in
	ill | throttled)
		request $n "$provider" | send >"$T/ill.$n" &
		ill="${ill:-} $!"
		;;
	*)
		request $n "$provider" >>"$T/in"
		;;
	esac
done <"$T/page"
send <"$T/in" >"$T/out"
for pid in ${ill:-}; do
	wait "$pid"
done
cat "$T"/ill.* >>"$T/out"

# "LINE: ROW: RESULT" of all that are not as the page says.
wrong() {
	jq -rn --rawfile page "$T/page" --slurpfile out "$T/out" '
	    ($out | map({key: .id, value: .}) | from_entries) as $results |
	    $page | split("\n") | to_entries[] | select(.value != "") |
	    (.value | split(" ")) as [$provider, $status, $code, $class] |
	    $results["\(.key + 1)"] as $got |
	    ({sent: "sent", later: "retry", throttled: "retry", ill: "retry",
	    gone: "gone", renew: "failed", refused: "failed"}[$class]) as
	    $wanted |
	    select('"$1"') | "\(.key + 1): \(.value): \($got)"'
}
is "$(wrong '$got.status != $wanted')" "" "each row's result is of its class"
is "$(wrong '$class != "sent" and $code != "any" and
    ($got.reason | startswith($status + ": ") | not) and
    ($status | test("^[0-9]+$"))')" "" "each reason begins with the status"
is "$(wrong '$class != "sent" and $code != "any" and
    ($got.reason | contains($code) | not)')" "" "and has the service's words"
is "$(wrong '$got.attempts > 1 and $class != "renew"')" "" \
    "what cannot be mended, and what is to wait, is asked once"
is "$(wrong '$got.attempts > 2')" "" "a token is made anew once at most"
is "$(jq -r 'select(.attempts == 2).id' "$T/out" | while read -r n; do
    sed -n "${n}s/ .*//p" "$T/page"; done | sort -u | xargs)" \
    "apns fcm webpush" "and that once, of Web Push, FCM and APNs"

# push ID PATH [DEADLINE]
push() {
	printf '{"id":"%s","type":"webpush","to":{"endpoint":"%s","keys":%s},' \
	    "$1" "$at/$2" "$keys"
	printf '"payload":{},"deadline_ms":%s}\n' "${3:-20000}"
}

# Those that ask for a minute end at once; the others are sent the second time.
for name in seconds date past minus clock clocked ms reset epoch delay field; do
	push $name wait/$name
done | send >"$T/out"
is "$(jq -r 'select(.status == "retry" and .attempts == 1 and
    (.reason | startswith("429"))).id' "$T/out" | sort | xargs)" \
    "clock date delay epoch field ms reset seconds" \
    "a wait is read in each of its forms"
is "$(jq -r 'select(.status == "sent" and .attempts == 2).id' "$T/out" |
    sort | xargs)" "clocked minus past" "a time that is past asks for none"

# Hostile answers.
for name in binary long json deep html; do
	push $name raw/$name 1500
done | send >"$T/out"
push mine raw/mine/SECRETTOPIC | send >>"$T/out"
is "$(jq -r 'select(.id == "binary").reason' "$T/out")" \
    '400: ???[31m? x' "what is not printable is not printed"
is "$(jq -r '.reason | utf8bytelength | select(. > 120)' "$T/out")" "" \
    "a reason is short, whatever an answer holds"
is "$(jq -r 'select(.id == "long").reason' "$T/out" | wc -c | xargs)" 105 \
    "but has a hundred bytes of its words"
like "$(jq -r 'select(.id == "html").reason' "$T/out")" '502: 502 Bad Gateway' \
    "a page is known by its title"
like "$(jq -r 'select(.id == "mine").reason' "$T/out")" \
    '^400: nothing at /raw/mine/\.\.\.$' "what names the device is left out"
finish
