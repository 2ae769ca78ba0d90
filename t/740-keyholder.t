#!/bin/sh
# The private keys of TLS are in a process of their own. What the switch has in
# memory holds no key, and code that runs in the key's process can open nothing,
# run nothing and talk to nobody. A reload brings a new key there, and the end of
# the process is the end of the switch, which is told.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
hole=$RP_BUILD/t/tools/hole
write_conf "" 'drain_ms = 0;'

# scalar FILE: the private number of an ECDSA key in hex, as it lies in memory.
scalar() {
	openssl ec -in "$1" -noout -text 2>/dev/null | sed -n '/^priv/,/^pub/p' |
	    grep '^ ' | tr -d ' :\n' | sed 's/^00//' | fold -w 2 | tac | tr -d '\n'
}

# found PID: how often that process has the wanted bytes in memory; 0 if this user
# may not look.
found() {
	"$hole" "$1" finds "$wanted" || [ $? != 77 ] || echo 0
}

# hands: shake hands at the call port; print the certificate's print.
hands() {
	openssl s_client -connect "$(ready "$T/switch.ready" call)" "$@" \
	    </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256
}

start_configured
main=$(cat "$T/switch.pid")
keys=$(part keys)
like "$keys" '^[0-9]+$' "there is a process for keys"
key=$T/switch.d/key.pem
wanted=$(scalar "$key")
is "${#wanted}" 64 "a key of 32 bytes is looked for"
"$hole" "$keys" finds "$wanted" >"$T/found"
if [ $? = 77 ]; then
	skip "memory" "this user cannot read it"
else
	check "which is in the memory of its process" \
	    test "$(cat "$T/found")" -gt 0
	is "$(found "$main")" 0 "and not in the switch's"
fi
is "$(hands -tls1_3)" "$(openssl x509 -in "$T/switch.d/cert.pem" -noout \
    -fingerprint -sha256)" "it signs for TLS 1.3"
is "$(hands -tls1_2)" "$(openssl x509 -in "$T/switch.d/cert.pem" -noout \
    -fingerprint -sha256)" "and for TLS 1.2"
is "$(found "$main")" 0 "and the switch has no key after that"

# Code of somebody else's in that process.
"$hole" "$keys" tries "$main" >"$T/tries" 2>&1
case $? in
77) skip "tries" "no ptrace(2) for this user or machine" ;;
*) like "$(tail -1 "$T/tries")" '^([0-9]+) of \1 tries denied$' \
    "code that runs there opens nothing, runs nothing and talks to nobody" ;;
esac
sed 's/^/# /' "$T/tries"
is "$(awk '/^Cap(Eff|Prm|Bnd)/ {print $2}' "/proc/$keys/status" | sort -u)" \
    0000000000000000 "it has no capability"
is "$(hands -tls1_3 | wc -l)" 1 "and signs on"

# Another key.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 \
    -subj /CN=x -addext "subjectAltName=IP:127.0.0.1,DNS:localhost" \
    -keyout "$T/new.key" -out "$T/new.pem" 2>/dev/null
cat "$T/new.key" >"$key"
cat "$T/new.pem" >"$T/switch.d/cert.pem"
kill -HUP "$main"
check "a reload is told" wait_for 10 grep -q 'event=reload ok=1' "$T/switch.err"
is "$(hands -tls1_3)" "$(openssl x509 -in "$T/new.pem" -noout -fingerprint \
    -sha256)" "new certificates come with a reload"
wanted=$(scalar "$T/new.key")
is "$(found "$main")" 0 "whose key the switch never had"
# Its end.
kill -KILL "$keys"
join switch
is $? 1 "when that process ends, so does the switch"
like "$(cat "$T/switch.err")" 'rp-switchd: the process with the keys has ended' \
    "with the reason"

start_configured
keys=$(part keys)
kill -KILL "$(cat "$T/switch.pid")"
join switch
check "when the switch is killed, so is that process" \
    wait_for 5 sh -c "! kill -0 $keys 2>/dev/null"
finish
