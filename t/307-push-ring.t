#!/bin/sh
# The switch and rp-pushsend together. When rp-pushsend is killed under load,
# calls that still wait are pushed again, once.
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
attempt_ms = 60000;
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
child=$(push_child switch)
before=$(wc -l <"$log")
kill -KILL "$child"
twice() {
	[ "$(tail -n +$((before + 1)) "$log" | jq -r .path | sort -u |
	    wc -l)" -eq $CALLS ]
}
check "rp-pushsend is killed: all are pushed again" wait_for 10 twice
repeated() {
	tail -n +$((before + 1)) "$log" | jq -r .path | sort | uniq -d |
	    grep -q .
}
check "and only once" never 1 repeated
is "$(jq -r .topic "$log" | sort -u | wc -l)" $CALLS \
    "under the same topic as before"
is "$(jq -r 'select(.wrong) | .wrong' "$log")" "" "each of them decrypts"
stop switch KILL
finish
