#!/bin/sh
# rp-dial --answer takes pushes of its switch's operator only. It learns the key
# that signs them from its switch. A thief of the directory has the endpoint and
# can encrypt for it, but has no such key. The operator can replace the key while
# rp-dial waits. A switch without a key wakes it as before.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
tool=$RP_BUILD/t/tools/webpush
[ -x "$tool" ] || make -C "$RP_BUILD" t/tools/webpush >/dev/null 2>&1
[ -x "$tool" ] || skip_all "needs t/tools/webpush"

make_subscribers
d=$T/switch.d
rp-pushsend --new-key "$T/old.pem" >"$T/old"
rp-pushsend --new-key "$T/new.pem" >"$T/new"
keys() {
	echo "webpush: { key = [ $1 ]; subject = \"mailto:ops@example.org\"; };" \
	    >"$T/pushsend.conf"
}
keys '"old.pem", "new.pem"'
# listening KEYS: a switch that announces these.
listening() {
	rm -f "$T/switch.ready"
	write_conf "rp-pushsend --dev -c $T/pushsend.conf"
	sed -i "s|repeat_ms = 300;|& public_key = [ $1 ];|" "$T/switch.conf"
	start_configured
	sed -i "s|^switch = .*|switch = \"$(address call)\";|" "$d/bob.conf" \
	    "$d/alice.conf"
}
listening "\"$(cat "$T/old")\""

# push: what a thief of the directory sends to bob, with these fields as well.
push() {
	sqlite3 -readonly "$d/rp.db" "SELECT push FROM device WHERE push <> ''" \
	    >"$T/push.json"
	printf '{"kind":"cancel","caller":"%s","sessionId":"%s",%s}' mallory \
	    "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')" \
	    '"serverName":"127.0.0.1","port":1' |
	    "$tool" encrypt "$(jq -r .to.keys.p256dh "$T/push.json")" \
	    "$(jq -r .to.keys.auth "$T/push.json")" >"$T/push.bin"
	curl -sS -o /dev/null -w '%{http_code}' --data-binary "@$T/push.bin" \
	    -H 'Content-Encoding: aes128gcm' -H 'TTL: 0' "$@" \
	    "$(jq -r .to.endpoint "$T/push.json")"
}
registered_with() {
	sqlite3 -readonly "$d/rp.db" "SELECT push FROM device" |
	    grep -q "$(cat "$T/$1")"
}
call() {
	rp-dial --account "$d/alice.conf" --duration 0.3 bob
}
bob_waits() {
	rm -f "$T/bob.ready"
	RP_LOG=debug start bob rp-dial --account "$d/bob.conf" --answer --echo \
	    --ready-file "$T/bob.ready"
	wait_for 10 test -s "$T/bob.ready" || give_up "bob waits" "$T/bob.err"
}
bob_waits
check "bob registers with the switch's key" registered_with old
check "a push that is signed wakes him" call
is "$(push)" 401 "one that is not does not"
is "$(push -H 'Authorization: Basic YTpi')" 401 "nor with another scheme"
token=e30.e30.$(printf 'A%.0s' $(seq 86))
is "$(push -H "Authorization: vapid t=$token, k=$(cat "$T/new")")" 403 \
    "nor with a key of the thief's"
is "$(push -H "Authorization: vapid t=$token, k=$(cat "$T/old")")" 403 \
    "nor in the switch's name"
is "$(grep -c 'mallory' "$T/bob.err")" 0 "bob has read none of them"
like "$(tail -n 1 "$T/bob.err")" "event=push_refused.*refused=4" \
    "and has counted them"
stop bob

# The key is replaced: old pushes count until bob has registered again.
stop switch
listening "\"$(cat "$T/new")\", \"$(cat "$T/old")\""
bob_waits
check "a new key is taken" registered_with new
check "and wakes him" call
stop bob

# Without a key there is nothing to check.
stop switch
: >"$T/pushsend.conf"
listening ""
bob_waits
check "a switch without a key wakes him" call
is "$(push)" 201 "a push that is not signed counts there"
stop bob
finish
