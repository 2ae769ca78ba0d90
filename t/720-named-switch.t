#!/bin/sh
# Credentials go to our switch and to no host that somebody else names. Who can
# read the directory can push to a device, and name a host of his own in it. That
# has a certificate for its own name, by an authority that the account trusts. It
# gets no credentials, neither by RING nor by BUSY, and the user reads why. A
# switch that ours has listed is another matter, and so is one that has a
# certificate for our switch's name.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/certs.sh"
command -v certtool >/dev/null || skip_all "needs certtool (gnutls-bin)"
tool=$RP_BUILD/t/tools/webpush
[ -x "$tool" ] || make -C "$RP_BUILD" t/tools/webpush >/dev/null 2>&1
[ -x "$tool" ] || skip_all "needs t/tools/webpush"

make_subscribers
d=$T/switch.d
make_cert other self ca cert_signing_key
cat "$d/ca.pem" "$T/tls/other.pem" >"$d/both.pem"
make_cert foreign other 'ip_address = "127.0.0.2"' signing_key tls_www_server
sed -i 's/^ca = .*/ca = "both.pem";/' "$d/bob.conf" "$d/alice.conf"

# Whoever connects there is heard in clear.
mkfifo "$T/silence"
start hold sh -c 'exec sleep 600 >"$0"' "$T/silence"
start foreign sh -c 'exec "$@" <"$0"' "$T/silence" openssl s_server \
    -accept 127.0.0.2:0 -cert "$T/tls/foreign.pem" -key "$T/tls/foreign.key"
check "a foreign host with a trusted certificate" wait_for 10 \
    grep -q '^ACCEPT .*:[1-9]' "$T/foreign.out"
foreign=$(sed -n 's/^ACCEPT .*:\([0-9]*\).*/\1/p' "$T/foreign.out")

write_conf "rp-pushsend --dev" 'switches = ( "127.0.0.3" );'
listening() {
	rm -f "$T/switch.ready"
	start_configured
	sed -i "s|^switch = .*|switch = \"$(address call)\";|" "$d/bob.conf" \
	    "$d/alice.conf"
}
listening

# wake ID: what a thief of the directory sends to bob.
wake() {
	sqlite3 -readonly "$d/rp.db" "SELECT push FROM device WHERE push <> ''" \
	    >"$T/push.json"
	printf '{"kind":"call","caller":"mallory","sessionId":"%s",%s}' \
	    "$1" "\"serverName\":\"127.0.0.2\",\"port\":$foreign" |
	    "$tool" encrypt "$(jq -r .to.keys.p256dh "$T/push.json")" \
	    "$(jq -r .to.keys.auth "$T/push.json")" >"$T/push.bin"
	curl -sS -o /dev/null -w '%{http_code}' --data-binary "@$T/push.bin" \
	    -H 'Content-Encoding: aes128gcm' -H 'TTL: 0' \
	    "$(jq -r .to.endpoint "$T/push.json")"
}
bob_waits() {
	rm -f "$T/bob.ready"
	start bob rp-dial --account "$d/bob.conf" --answer --echo "$@" \
	    --json "$T/bob.json" --ready-file "$T/bob.ready"
	wait_for 10 test -s "$T/bob.ready" || give_up "bob waits" "$T/bob.err"
}
bob_waits --once
is "$(wake 0123456789abcdef0123456789abcdef)" 201 "bob is pushed to"
join bob
is $? 10 "he does not answer there: exit 10"
like "$(cat "$T/bob.err")" "^rp-dial: 127.0.0.2: .*a push names it.*127.0.0.1: \
it got no credentials" "and says why"
is "$(wc -l <"$T/bob.err")" 1 "in one line"

# While he is in a call the answer is BUSY, by another way of the program.
bob_waits
start alice rp-dial --account "$d/alice.conf" --duration 60 --in /dev/zero bob
check "bob talks" wait_for 20 media_is ".rtp_packets > 10"
shakes() {
	grep -c -i '^error\|alert' "$T/foreign.err"
}
before=$(shakes)
refused_again() {
	[ "$(shakes)" -gt "$before" ]
}
is "$(wake 1123456789abcdef0123456789abcdef)" 201 "pushed to in a call"
check "the foreign host's certificate is refused" wait_for 10 refused_again
is "$(grep -c -i -e authorization -e basic -e BUSY "$T/foreign.out")" 0 \
    "the foreign host has seen no request at all"
stop alice INT
stop bob

# Once our own switch lists the name, its certificate alone decides.
stop switch
sed -i 's/^switches = .*/switches = ( "127.0.0.2" );/' "$T/switch.conf"
listening
bob_waits --once
is "$(wake 2123456789abcdef0123456789abcdef)" 201 "named by our switch"
check "a listed switch is told who we are" wait_for 10 \
    grep -q '^Authorization: ' "$T/foreign.out"
stop bob
stop foreign
finish
