#!/bin/sh
# A push service that takes less than the standard wants. It answers 413 to a push
# with all that a device may begin with, and gets it again at once without; the call
# goes on as calls of 0.1.0 do. rp-pushsend remembers nothing of it.
. "$(dirname "$0")/lib.sh"
. "$RP_SRC/t/push/push.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
start_service push webpush
rp-pushsend --new-key "$T/vapid.pem" >"$T/public"
cat >"$T/pushsend.conf" <<END
allow = [ "127.0.0.0/8", "::1" ];
ca_file = "cert.pem";
webpush: { key = "vapid.pem"; subject = "mailto:ops@example.org"; };
END
write_conf "exec rp-pushsend -c $T/pushsend.conf"
sed -i "s|repeat_ms = 300;|repeat_ms = 60000; public_key = \"$(cat \
    "$T/public")\";|" "$T/switch.conf"
start_configured
log=$T/push.d/log
keys=$(cat "$T/push.d/receiver.json")
here=https://localhost:$(service_port push)

# logged FILTER: what jq makes of the requests at the service.
logged() {
	jq -c "$1" "$log"
}
arrived() {
	[ "$(wc -l <"$log")" -ge "$1" ]
}
is "$(ask bob PUT /push --data \
    "{\"type\":\"webpush\",\"to\":{\"endpoint\":\"$here/most1000/bob\",
    \"keys\":$keys}}")" 204 "bob's service takes 1000 bytes"
printf 'v=0\r\ns=%01500d\r\n' 0 >"$T/offer"
talk alice alice
say alice "INITIATE /session/bob sdp=v=0\\r\\ns=$(printf %01500d 0)\\r\\n"
check "it gets two requests for a push" wait_for 10 arrived 2
is "$(logged .status | xargs)" "413 201" "the second is short enough"
is "$(logged '.payload | has("early")' | xargs)" "true false" \
    "because it lets the device begin with nothing"
is "$(logged '.payload | del(.early)' | sort -u | wc -l)" 1 \
    "and says the same otherwise"
is "$(logged .topic | sort -u | wc -l)" 1 "under the same topic"
check "the push is sent" wait_for 10 metric_is \
    'rp_push_results_total{status="sent"}' 1
is "$(metric rp_push_results_total)" 1 "and that is all that the switch hears"
id=$(logged .payload.sessionId | tail -n 1 | tr -d '"')
is "$(ask bob RING "/session/$id")" 200 "bob rings"
is "$(ask bob RING "/session/$id" --data answer)" 200 "answers"
is "$(ask bob ANSWER "/session/$id")" 200 "and picks up"
check "alice hears it" heard alice "^request ANSWER /session/$id "
say alice "HANGUP /session/$id"
check "and hangs up" heard alice "^response 200 - 0 $"
bye alice

is "$(ask alice INITIATE /session/bob --data-binary @"$T/offer")" 200 \
    "she calls again"
check "the next push" wait_for 10 arrived 4
is "$(logged .status | tail -n 2 | xargs)" "413 201" \
    "is tried as if nothing had been"
stop switch KILL

# rp-pushsend alone, whose result tells the attempts.
big=$(printf %04000d 0)
request() {
	printf '{"id":"%s","type":"webpush","to":{"endpoint":"%s","keys":%s},' \
	    "$1" "$here/$2" "$keys"
	printf '"payload":{"kind":"call"%s}}\n' "$3"
}
send() {
	: >"$log"
	timeout 60 rp-pushsend -c "$T/pushsend.conf" >"$T/out"
}
early=",\"early\":{\"offer\":\"$(printf %01500d 0)\"}"
request a most1000/a "$early" | send
is "$(jq -r '"\(.status) \(.reason) \(.attempts)"' "$T/out")" "sent 201 2" \
    "the refused attempt counts"
request b s413/b "$early" | send
like "$(jq -r '"\(.status) \(.reason) \(.attempts)"' "$T/out")" \
    "^failed 413.* 2$" "a service that takes neither is asked twice"
request c s413/c "" | send
like "$(jq -r '"\(.status) \(.attempts)"' "$T/out")" "^failed 1$" \
    "and once, if there is nothing to leave out"
request d ok/d ",\"early\":\"$big\"" | send
is "$(jq -r '"\(.status) \(.attempts)"' "$T/out") $(logged .payload)" \
    'sent 1 {"kind":"call"}' "what no service would take is not even tried"
request e ok/e ",\"late\":\"$big\"" | send
like "$(jq -r '"\(.status) \(.reason)"' "$T/out")" "^failed payload: 40" \
    "and nothing else is left out"

# There is no pause before the second attempt, as there is before a repeat: 100 ms
# or more. One of twenty is faster on any machine.
between() {
	logged .at | jq -s '.[1] - .[0]'
}
i=0
while [ $i -lt 20 ]; do
	i=$((i + 1))
	request "f$i" "most1000/f$i" "$early" | send
	[ "$(between)" -ge 100 ] || break
done
check "it does not wait as for a repeat" test "$(between)" -lt 100
finish
