#!/bin/sh
# The switch takes forward secrecy and AEAD alone, and no group that costs it a
# multiple of the signature (RFC 9325), on all of its TLS ports. What browsers
# use is taken. That an RSA key is dear is told by -t and at the start, and not
# of one for ECDSA or where there are both.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
command -v certtool >/dev/null || skip_all "needs certtool"
. "$(dirname "$0")/certs.sh"

make_key rsa --key-type=rsa --bits=2048
make_server rsa switch.example
make_server ecdsa switch.example
make_key large --key-type=ecdsa --curve=secp521r1
make_server large switch.example
make_subscribers
write_conf "rp-pushsend --dev" 'log = { level = "warn"; };'
sed -i 's/^name = .*/name = "switch.example";/
    s/^relay = .*/relay = { listen = "127.0.0.1:0"; tls_listen = "127.0.0.1:0"; };/' \
    "$T/switch.conf"
# pairs NAME...: the switch's certificates.
pairs() {
	rp_certs=$(printf '"tls/%s.crt", ' "$@")
	rp_keys=$(printf '"tls/%s.key", ' "$@")
	sed -i "s|^tls = .*|tls = { certificate = [ ${rp_certs%, } ]; key = [ ${rp_keys%, } ]; };|" \
	    "$T/switch.conf"
}
# shakes PORT OPENSSL-ARGUMENT...: the cipher suite in the end, or "none".
shakes() {
	rp_port=$(address "$1")
	shift
	rp_suite=$(timeout 20 openssl s_client -connect "$rp_port" "$@" \
	    </dev/null 2>/dev/null | sed -n 's/^New, [^,]*, Cipher is //p')
	[ "$rp_suite" != "(NONE)" ] || rp_suite=
	echo "${rp_suite:-none}"
}
# told: how often -t warns of the price; it never fails.
told() {
	rp-switchd -t -c "$T/switch.conf" >"$T/told" 2>&1 || echo failed
	grep -c 'eight times as much' "$T/told"
}

pairs rsa
is "$(told)" 1 "-t tells what an RSA key costs"
pairs ecdsa
is "$(told)" 0 "and nothing of one for ECDSA"
pairs rsa ecdsa
is "$(told)" 0 "nor where there is one for ECDSA too"
pairs rsa
start_configured
is "$(grep -c 'event=certificate .*eight times as much' "$T/switch.err")" 1 \
    "so does the log, once"

for port in call answer turn_tls; do
	is "$(shakes $port -tls1_2 -cipher 'AES256-SHA256:AES128-SHA:AES128-GCM-SHA256@SECLEVEL=0')" \
	    none "$port: no static RSA"
	is "$(shakes $port -tls1_2 -cipher 'ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES256-SHA384@SECLEVEL=0')" \
	    none "$port: no CBC"
	is "$(shakes $port -tls1_2 -cipher 'DHE-RSA-AES128-GCM-SHA256')" \
	    none "$port: no finite-field Diffie-Hellman"
	is "$(shakes $port -tls1_3 -groups ffdhe8192:ffdhe2048)" none \
	    "$port: nor with TLS 1.3"
	is "$(shakes $port -tls1_3 -groups P-521:X448)" none \
	    "$port: no group that is dear"
	is "$(shakes $port -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256)" \
	    ECDHE-RSA-AES128-GCM-SHA256 "$port: ECDHE with GCM is taken"
	is "$(shakes $port -tls1_2 -cipher ECDHE-RSA-CHACHA20-POLY1305)" \
	    ECDHE-RSA-CHACHA20-POLY1305 "$port: so is ChaCha20"
	for group in X25519 P-256 P-384; do
		is "$(shakes $port -tls1_3 -groups $group \
		    -ciphersuites TLS_AES_128_GCM_SHA256)" \
		    TLS_AES_128_GCM_SHA256 "$port: and $group with TLS 1.3"
	done
done
stop switch
pairs large
start_configured
is "$(shakes call -tls1_2) $(shakes call -tls1_3)" \
    "ECDHE-ECDSA-AES128-GCM-SHA256 TLS_AES_128_GCM_SHA256" \
    "a certificate on P-521 can still be used"
finish
