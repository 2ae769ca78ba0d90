#!/bin/sh
# Ten thousand requests, of which one in ten meets a fault: 503, 500, 429, a
# stream that is reset or refused, GOAWAY, or a cut connection. Each request has
# exactly one result, all are sent, and every delivered payload decrypts.
. "$(dirname "$0")/lib.sh"
. "$RP_SRC/t/push/push.sh"

N=${RP_PUSH_REQUESTS:-10000}
start_service push webpush
port=$(service_port push)
log=$T/push.d/log
rp-pushsend --new-key "$T/vapid.pem" >/dev/null
cat >"$T/pushsend.conf" <<END
allow = [ "127.0.0.0/8" ];
ca_file = "cert.pem";
in_flight_per_service = 64;
webpush: { key = "vapid.pem"; };
END
jq -nc --argjson keys "$(cat "$T/push.d/receiver.json")" --argjson n "$N" \
    --arg at "https://localhost:$port/mixed/" 'range($n) | {id: "n\(.)",
    type: "webpush", to: {endpoint: "\($at)\(.)", keys: $keys},
    payload: {id: "n\(.)"}, ttl: 30, deadline_ms: 1800000}' >"$T/in"

timeout 1800 rp-pushsend -c "$T/pushsend.conf" <"$T/in" >"$T/out" 2>"$T/err"
is $? 0 "it ends well"
check "exactly one result each" one_each "$T/in" "$T/out"
is "$(jq -r .status "$T/out" | sort | uniq -c | xargs)" "$N sent" \
    "every request is sent in the end"
is "$(jq -r 'select(.wrong) | .wrong' "$log" | head -n 3)" "" \
    "everything that arrived decrypts"
jq -r 'select(.status == 201) | .payload.id' "$log" | sort -u >"$T/delivered"
is "$(wc -l <"$T/delivered")" "$N" "every payload was delivered"
faults=$(jq -r 'select(.mode != "ok").mode' "$log" | wc -l)
check "one in ten met a fault ($faults of $(wc -l <"$log"))" \
    test "$faults" -ge $((N / 11))
is "$(jq -r 'select(.mode != "ok").mode' "$log" | sort -u | xargs)" \
    "drop goaway refuse reset s429 s500 s503" "of each kind"
echo "# attempts: $(jq -r .attempts "$T/out" | sort -n | uniq -c | xargs)"
echo "# deliveries: $(jq -r 'select(.status == 201).path' "$log" | wc -l)"
finish
