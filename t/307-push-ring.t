#!/bin/sh
# The switch and rp-pushsend together: a subscription that the npm package
# web-push-testing made is registered and rung, from INITIATE to the browser's
# side, and the ring is taken back; and rp-pushsend killed in mid-load: calls that
# still wait are pushed again, once.
. "$(dirname "$0")/lib.sh"
. "$RP_SRC/t/push/push.sh"
. "$(dirname "$0")/signal.sh"

CALLS=40

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

# register NUMBER TO: the device is woken by Web Push.
register() {
	ask "$1" PUT /push --data "{\"type\":\"webpush\",\"to\":$2}"
}

# A browser's subscription, as npm's package makes it, is rung.
received() {
	curl -fsS -H 'Content-Type: application/json' -d "{\"clientHash\":
	    $(jq .clientHash "$T/subscription")}" \
	    "$browser/get-notifications" | jq -r '.data.messages[]'
}
received_is() {
	[ "$(received | jq -r '"\(.kind) \(.caller) \(.sessionId)"')" = "$1" ]
}
ring_browser() {
	start browser node "$RP_SRC/t/push/npm.js" "$npm" serve "$T"
	wait_for 20 test -s "$T/ready"
	browser=http://localhost:$(ready "$T/ready" port)
	wait_for 10 curl -fsS -X POST "$browser/status"
	is "$(ask bob GET /push/key)" 200 "the switch tells its key"
	curl -fsS -H 'Content-Type: application/json' -d "{
	    \"userVisibleOnly\": \"true\", \"applicationServerKey\":
	    \"$(jq -r '.[]' "$T/body")\"}" "$browser/subscribe" |
	    jq -c .data >"$T/subscription"
	is "$(register bob "$(jq -c '{endpoint, keys}' "$T/subscription")")" \
	    204 "the browser's subscription is registered"
	is "$(ask alice INITIATE /session/bob --data offer)" 200 \
	    "alice calls bob"
	id=$(jq -r .sessionId "$T/body")
	check "the browser's side reads who calls" \
	    wait_for 10 received_is "call alice $id"
	ask alice HANGUP "/session/$id" >/dev/null
	check "and that it is over" wait_for 10 received_is "call alice $id
cancel alice $id"
}
if npm_packages web-push-testing; then
	ring_browser
else
	skip "a browser's subscription is rung" "$npm_missing"
fi

# Many callees, whose push service takes its time for ever.
start_service push webpush
keys=$(cat "$T/push.d/receiver.json")
i=0
while [ $i -lt $CALLS ]; do
	rp-users --db "sqlite:$T/switch.d/rp.db" add "c$i" >"$T/switch.d/c$i.token"
	to="{\"endpoint\":\"https://localhost:$(service_port push)/stall/$i\",
	    \"keys\":$keys}"
	register "c$i" "$to" >>"$T/registered"
	i=$((i + 1))
done
is "$(sort "$T/registered" | uniq -c | xargs)" "$CALLS 204" \
    "$CALLS callees are registered"
log=$T/push.d/log
# A caller may have a few calls at once, so each callee calls the next.
i=0
while [ $i -lt $CALLS ]; do
	ask "c$i" INITIATE "/session/c$(((i + 1) % CALLS))" --data offer
	i=$((i + 1))
done >"$T/answers"
is "$(sort "$T/answers" | uniq -c | xargs)" "$CALLS 200" "all are called"
all_there() {
	[ "$(jq -r .path "$log" | sort -u | wc -l)" -eq $CALLS ]
}
check "all are pushed" wait_for 10 all_there
child=$(pgrep -P "$(cat "$T/switch.pid")" | head -n 1)
before=$(wc -l <"$log")
kill -KILL "$child"
twice() {
	[ "$(tail -n +$((before + 1)) "$log" | jq -r .path | sort -u |
	    wc -l)" -eq $CALLS ]
}
check "rp-pushsend is killed: all are pushed again" wait_for 10 twice
sleep 1
is "$(tail -n +$((before + 1)) "$log" | jq -r .path | sort | uniq -d)" "" \
    "and only once"
is "$(jq -r .topic "$log" | sort -u | wc -l)" $CALLS \
    "under the same topic as before"
is "$(jq -r 'select(.wrong) | .wrong' "$log")" "" "each of them decrypts"
stop switch
finish
