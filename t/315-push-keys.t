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
is "$(results d "$T/pushsend.out" .attempts)" 2 "which takes two attempts"
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
finish
