#!/bin/sh
# Keys of the operator are replaced while pushes are sent. rp-pushsend reads its
# configuration and keys again on SIGHUP, and keeps the old ones if anything is
# wrong. A subscription goes on with the key that it was made with.
. "$(dirname "$0")/lib.sh"
. "$RP_SRC/t/push/push.sh"
. "$(dirname "$0")/signal.sh"

start_service push webpush
here=https://127.0.0.1:$(service_port push)
keys=$(cat "$T/push.d/receiver.json")
log=$T/push.d/log
old=$(rp-pushsend --new-key "$T/old.pem")
new=$(rp-pushsend --new-key "$T/new.pem")

# sender_conf KEYS [MORE]: replaced as a whole, as an editor does.
sender_conf() {
	cat >"$T/pushsend.new" <<EOT
allow = [ "127.0.0.0/8" ];
ca_file = "cert.pem";
webpush: { key = $1; subject = "mailto:ops@example.org"; };
${2-}
EOT
	mv "$T/pushsend.new" "$T/pushsend.conf"
}

# request ID ENDPOINT [MORE]: MORE is JSON members, each with a comma before.
request() {
	printf '{"id":"%s","type":"webpush","to":{"endpoint":"%s","keys":%s},' \
	    "$1" "$2" "$keys"
	printf '"payload":{"for":"%s"},"ttl":20%s}\n' "$1" "${3-}"
}

# Its input is a fifo that stays open, as the switch's pipe does.
sender_conf '"old.pem"'
mkfifo "$T/in"
start pushsend sh -c "exec rp-pushsend -c '$T/pushsend.conf' <'$T/in'"
exec 8>"$T/in"
send() {
	request "$@" >&8
}
outcome() {
	results "$1" "$T/pushsend.out" '"\(.status) \(.reason)"'
}
ended() {
	[ -n "$(outcome "$1")" ]
}
signer() {
	jq -r --arg id "$1" 'select(.payload.for == $id) | .vapid.key' "$log" |
	    tail -n 1
}
reloads() {
	[ "$(grep -c "event=reload $1" "$T/pushsend.err")" -eq "$2" ]
}
reload() {
	kill -HUP "$(cat "$T/pushsend.pid")"
}

send a "$here/ok/a"
check "a push is sent" wait_for 10 ended a
is "$(signer a)" "$old" "it is signed by the one key"

# A list: the first is for what is new, and each subscription has its own.
sender_conf '[ "new.pem", "old.pem" ]'
reload
check "SIGHUP reads the configuration again" wait_for 10 reloads ok=1 1
check "the process is the same" running pushsend
send b "$here/only/$new/b" ",\"key\":\"$new\""
send c "$here/only/$old/c" ",\"key\":\"$old\""
send d "$here/only/$old/d"
send e "$here/only/$new/e"
for id in b c d e; do
	check "push $id ends" wait_for 10 ended $id
done
is "$(outcome b)" "sent 201" "a new subscription is sent to"
is "$(outcome c)" "sent 201" "one of the old key goes on"
is "$(outcome d)" "sent 201" "one that names no key goes on by trying"
check "which takes more than one attempt" \
    test "$(results d "$T/pushsend.out" .attempts)" -gt 1
is "$(results e "$T/pushsend.out" .attempts)" 1 "the first key is tried first"

# What is under way ends as it began; what waits goes on with the new keys.
send stalled "$here/stall/x" ',"deadline_ms":3000'
send later "$here/once-s503-1/later"
check "one is under way" wait_for 10 grep -q stall "$log"
check "and one waits" wait_for 10 grep -q once-s503-1 "$log"
cp "$T/new.pem" "$T/newest.pem"
sender_conf '"new.pem"' 'in_flight = 7;'
reload
check "another SIGHUP" wait_for 10 reloads ok=1 2
check "the one that waits is sent" wait_for 10 ended later
is "$(outcome later)" "sent 201" "after the reload"
is "$(signer later)" "$new" "with the new key"
check "the other ends at its deadline" wait_for 10 ended stalled
like "$(outcome stalled)" "^retry " "with its own result"

# A key that is no longer there has a reason of its own.
send gone "$here/only/$old/gone" ",\"key\":\"$old\""
check "a key that was removed" wait_for 10 ended gone
is "$(outcome gone)" \
    "failed key: none of webpush.key; the device must subscribe again" \
    "is named in the result"
send odd "$here/ok/odd" ',"key":"abc"'
check "a key that is no key" wait_for 10 ended odd
is "$(outcome odd)" "failed key: wants a VAPID public key in base64url" \
    "is refused"

# Whatever is wrong, the old configuration stays as a whole.
sender_conf '"old.pem"' 'nonsense = 1;'
reload
check "an unknown key fails" wait_for 10 reloads why= 1
like "$(grep 'event=reload why' "$T/pushsend.err" | tail -n 1)" \
    'pushsend.conf:4: nonsense' "with file and line"
sender_conf '[ "old.pem", "none.pem" ]' 'queue = 1;'
reload
check "a key that cannot be read fails" wait_for 10 reloads why= 2
like "$(grep 'event=reload why' "$T/pushsend.err" | tail -n 1)" \
    'pushsend.conf:3: webpush.key: .*none.pem' "with file and line"
rp-pushsend -t -c "$T/pushsend.conf" 2>"$T/err"
like "$(cat "$T/err")" 'webpush.key: .*none.pem: No such file' \
    "at the start it is named, too"
sender_conf '"old.pem"' 'fcm: { service_account = "old.pem"; };'
reload
check "so does another provider's" wait_for 10 reloads why= 3
sender_conf '"old.pem"'
mkfifo "$T/key.fifo"
sender_conf '"key.fifo"'
reload
check "a fifo is not waited for" wait_for 10 reloads why= 4
send f "$here/only/$new/f"
check "pushes go on" wait_for 10 ended f
is "$(outcome f)" "sent 201" "with the old configuration"

exec 8>&-
check "it ends with its input" join pushsend
is "$(jq -r .id "$T/pushsend.out" | sort | uniq -d)" "" "nothing ended twice"
is "$(jq -r .id "$T/pushsend.out" | wc -l)" 10 "and nothing was lost"

# The switch and rp-pushsend together.
control() {
	rp-drain --socket "$T/switch.d/control" "$@"
}
# keys_are PRIVATE PUBLIC: both ends have them, from the next reload on.
keys_are() {
	sender_conf "$1"
	write_conf "exec rp-pushsend -c $T/pushsend.conf"
	sed -i "s|repeat_ms = 300;|repeat_ms = 60000; public_key = $2;|" \
	    "$T/switch.conf"
}
subscribe() {
	ask "$1" PUT /push --data "{\"type\":\"webpush\",\"to\":{\"endpoint\":
	    \"$2\",\"keys\":$keys}${3-}}"
}
told_key() {
	ask alice GET /push/key >/dev/null
	jq -r .key "$T/body"
}
# rung NUMBER: alice calls; the status of the service's answer and the signer.
rung() {
	before=$(wc -l <"$log")
	ask alice INITIATE "/session/$1" --data offer >/dev/null
	id=$(jq -r .sessionId "$T/body")
	wait_for 10 pushed_by "$id"
	ask alice HANGUP "/session/$id" >/dev/null
	tail -n +$((before + 1)) "$log" |
	    jq -r --arg id "$id" 'select(.payload.sessionId == $id and
	    .payload.kind == "call") | "\(.status) \(.vapid.key)"' | tail -n 1
}
pushed_by() {
	tail -n +$((before + 1)) "$log" | grep -q "$1.*\"status\":201"
}

make_subscribers
for name in carol dave; do
	rp-users --db "sqlite:$T/switch.d/rp.db" add $name >"$T/switch.d/$name.token"
done
keys_are '"old.pem"' '""'
start_configured
is "$(subscribe dave "$here/only/$old/dave")" 204 \
    "a registration that names no key, as the first release's"
stop switch KILL
keys_are '"old.pem"' "\"$old\""
start_configured
is "$(told_key)" "$old" "the switch tells its key"
is "$(subscribe bob "$here/only/$old/bob")" 204 "bob subscribes with it"
is "$(rung bob)" "201 $old" "a push to him is signed by it"

# A new key beside the old one.
keys_are '[ "new.pem", "old.pem" ]' "[ \"$new\", \"$old\" ]"
check "a reload" control --reload
is "$(told_key)" "$new" "the switch tells the new key"
is "$(rung bob)" "201 $old" "bob's registration goes on with the old one"
is "$(rung dave)" "201 $old" "so does one that names none"
is "$(subscribe carol "$here/only/$new/carol")" 204 "carol subscribes anew"
is "$(rung carol)" "201 $new" "her pushes are signed by the new one"
is "$(subscribe bob "$here/only/$old/bob")" 204 "bob registers again"
is "$(rung bob)" "201 $old" "the same subscription keeps its key"
is "$(subscribe bob "$here/only/$new/bob")" 204 "he subscribes again"
is "$(rung bob)" "201 $new" "that is another one"
is "$(subscribe bob "$here/only/$old/bob2" ",\"key\":\"$old\"")" 204 \
    "a client may name its key"
is "$(rung bob)" "201 $old" "which then signs"

# A mistake on one side.
keys_are '"none.pem"' "\"$new\""
check "a reload with a key that is not there" control --reload
check "the sender says so" \
    wait_for 10 grep -q 'event=push_reload why=.*none.pem' "$T/switch.err"
is "$(rung carol)" "201 $new" "and goes on"

# The old key is gone.
keys_are '"new.pem"' "\"$new\""
check "a reload without the old key" control --reload
is "$(subscribe bob "$here/only/$old/bob2" ",\"key\":\"$old\"")" \
    "400 bad-registration" "it is refused"
like "$(cat "$T/body")" '^key: not a key of this switch' "with the reason"
ask alice INITIATE /session/bob --data offer >/dev/null
short=$(jq -r '.sessionId[:8]' "$T/body")
check "a registration with it fails" \
    wait_for 10 grep -q "push_failed session=$short" "$T/switch.err"
like "$(grep "push_failed session=$short" "$T/switch.err")" \
    ' device=[0-9a-f]{8} provider=webpush subscriber=[0-9a-f]{12} status=failed reason="key: none of webpush.key; the device must subscribe again"' \
    "and the log says whose it was and why"
is "$(grep -c 'number=bob' "$T/switch.err")" 0 "but not by number"
is "$(grep -c push_child_ended "$T/switch.err")" 0 "no child was restarted"
stop switch KILL

# A command that does not know of reloads is left alone.
write_conf "exec $T/pusher $T"
start_configured
check "another command runs" wait_for 10 metric_is rp_push_child_up 1
check "a reload succeeds" control --reload
like "$(cat "$T/check.out")" \
    'push.command was not told to reload: it does not say that it can' \
    "and says that the command was not told"
is "$(metric rp_push_restarts_total)" 0 "which runs on"
stop switch KILL
finish
