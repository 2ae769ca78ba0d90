#!/bin/sh
# The switch and rp-pushsend together. A subscription made by the npm package
# web-push-testing is registered and rung, from INITIATE to the browser's side,
# and the ring is then cancelled.
. "$(dirname "$0")/lib.sh"
. "$RP_SRC/t/push/push.sh"
. "$(dirname "$0")/signal.sh"
npm_packages web-push-testing || skip_all "$npm_missing"

make_subscribers
push_certificate
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

# A browser's subscription, as npm's package makes it, is rung.
received() {
	curl -fsS -H 'Content-Type: application/json' -d "{\"clientHash\":
	    $(jq .clientHash "$T/subscription")}" \
	    "$browser/get-notifications" | jq -r '.data.messages[]'
}
received_is() {
	[ "$(received | jq -r '"\(.kind) \(.caller) \(.sessionId)"')" = "$1" ]
}

start browser node "$RP_SRC/t/push/npm.js" "$npm" serve "$T"
wait_for 20 test -s "$T/ready"
browser=http://localhost:$(ready "$T/ready" port)
wait_for 10 curl -fsS -X POST "$browser/status"
is "$(ask bob GET /push/key)" 200 "the switch tells its key"
curl -fsS -H 'Content-Type: application/json' -d "{
    \"userVisibleOnly\": \"true\", \"applicationServerKey\":
    \"$(jq -r '.[]' "$T/body")\"}" "$browser/subscribe" |
    jq -c .data >"$T/subscription"
is "$(ask bob PUT /push --data "{\"type\":\"webpush\",\"to\":$(jq -c \
    '{endpoint, keys}' "$T/subscription")}")" \
    204 "the browser's subscription is registered"
is "$(ask alice INITIATE /session/bob --data offer)" 200 \
    "alice calls bob"
id=$(jq -r .sessionId "$T/body")
check "the browser's side reads who calls" \
    wait_for 10 received_is "call alice $id"
ask alice HANGUP "/session/$id" >/dev/null
check "and that it is over" wait_for 10 received_is "call alice $id
cancel alice $id"
stop switch KILL
finish
