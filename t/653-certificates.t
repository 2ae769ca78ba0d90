#!/bin/sh
# A certificate that clients would refuse is refused first: with -t, at a start
# and by a reload, in one line that names the file, and a running switch keeps
# what it has. A certificate that some clients refuse, or all of them soon, is
# warned of in one line. What --dev makes is not warned of. A metric says when
# each certificate ends.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
command -v certtool >/dev/null || skip_all "needs certtool"
. "$(dirname "$0")/certs.sh"

make_subscribers
write_conf "rp-pushsend --dev" 'log = { level = "warn"; };'
sed -i 's/^name = .*/name = "switch.example";/' "$T/switch.conf"
# pairs CERTIFICATES KEYS: the switch's, in "tls/", in the syntax of the file.
pairs() {
	sed -i "s|^tls = .*|tls = { certificate = $1; key = $2; };|" \
	    "$T/switch.conf"
}
pair() {
	pairs "\"tls/$1\"" "\"tls/${2:-${1%.*}.key}\""
}
serial() {
	echo | openssl s_client -connect "$(address call)" \
	    2>/dev/null | openssl x509 -noout -serial
}
test_conf() {
	rp_why=$("$@" rp-switchd -t -c "$T/switch.conf" 2>&1)
	echo "$? $rp_why" | sed "s|$T/||g"
}

make_server good switch.example
pair good.crt
is "$(test_conf)" "0 " "a good one: no word"
start_configured
is "$(grep event=certificate "$T/switch.err")" "" "nor at a start"
good=$(serial)
end=$(date -d "$(openssl x509 -noout -enddate -in "$T/tls/good.pem" |
    cut -d = -f 2)" +%s)
ends() {
	metric "rp_certificate_not_after_timestamp_seconds{certificate=\"$1\",name=\"$2\"}"
}
is "$(ends 1 switch.example)" "$end" "a metric says when it ends"
failed=0

# refused NAME REGEX: all three ways, with the same words.
refused() {
	failed=$((failed + 1))
	rp_said="$(test_conf)
$(rp-switchd -c "$T/switch.conf" 2>&1 | sed "s|$T/||g")
$(rp-drain --socket "$T/switch.d/control" --reload 2>&1 | sed "s|$T/||g")"
	like "$(echo "$rp_said" | sed 's/^\(1 \)\{0,1\}rp-switchd: //
	    s/^rp-drain: [^ ]*: //' | sort | uniq -c)" \
	    "^ *3 (switch.conf:[0-9]+: )?tls[^ ]*: $2\$" "refused: $1"
}

: >"$T/tls/empty.crt"
pair empty.crt good.key
refused "an empty file" "tls/empty.crt: no certificate in it"
head -c 3000 /dev/urandom >"$T/tls/garbage.crt"
pair garbage.crt good.key
refused "garbage" "tls/garbage.crt: no certificate in it"
pair good.key
refused "the key in its place" "tls/good.key: no certificate in it"
pair good.crt good.crt
refused "a certificate as key" "tls/good.crt: no private key in it"
pair good.crt inter.key
refused "another's key" \
    "tls/good.crt, tls/inter.key: the key is not the certificate's"
openssl pkey -in "$T/tls/good.key" -aes256 -passout pass:x \
    -out "$T/tls/encrypted.key"
pair good.crt encrypted.key
refused "an encrypted key" \
    "tls/encrypted.key: the key is encrypted, and nobody can type .*"
openssl ec -in "$T/tls/good.key" -aes256 -passout pass:x \
    -out "$T/tls/encrypted.key" 2>/dev/null
refused "one of the old format" "tls/encrypted.key: the key is encrypted, .*"
sed 's/[A-Z]/A/g; s/AAAAA AA AAAAAAA AAA/BEGIN EC PRIVATE KEY/' \
    "$T/tls/good.key" >"$T/tls/broken.key"
pair good.crt broken.key
refused "a broken key" "tls/broken.key: .+"
cat "$T/tls/inter.pem" "$T/tls/good.pem" >"$T/tls/turned.crt"
pair turned.crt good.key
refused "the issuer first" "tls/turned.crt: the key of tls/good.key is that \
of certificate 2, which must come first"

make_server expired switch.example tls_www_server \
    "activation_date = \"$(day -90)\"" "expiration_date = \"$(day -1)\""
pair expired.crt
refused "an expired one" "tls/expired.crt: expired on .*"
make_server early switch.example tls_www_server \
    "activation_date = \"$(day 1)\"" "expiration_date = \"$(day 90)\""
pair early.crt
refused "one of tomorrow" "tls/early.crt: not valid before .*"
make_server cn ""
pair cn.crt
refused "a common name alone" "tls/cn.crt: no subject alternative name .*"
make_server client switch.example tls_www_client
pair client.crt
refused "a client's" "tls/client.crt: not for TLS servers .*"
make_key seals --key-type=rsa --bits=2048
make_cert seals inter "dns_name = switch.example" encryption_key
cat "$T/tls/inter.pem" >>"$T/tls/seals.pem"
pair seals.pem
refused "one that does not sign" "tls/seals.pem: its key usage does not .*"
make_server stapled switch.example "tls_feature = 5"
pair stapled.crt
refused "must-staple" "tls/stapled.crt: clients want a proof by OCSP .*"
make_key short --key-type=rsa --bits=1024
make_server short switch.example
pair short.crt
refused "RSA with 1024 bits" "tls/short.crt: certificate 1 has an RSA key .*"
openssl ecparam -name secp224r1 -genkey -noout -out "$T/tls/curve.key"
make_server curve switch.example
pair curve.crt
refused "P-224" "tls/curve.crt: certificate 1 has an elliptic curve .*"
cert_hash=SHA1
make_server sha1 switch.example
pair sha1.crt
refused "SHA-1" "tls/sha1.crt: certificate 1 is signed with ECDSA-SHA1, .*"
cert_hash=SHA256
cat "$T/tls/good.pem" "$T/tls/early.pem" "$T/tls/inter.pem" \
    >"$T/tls/two.crt"
pair two.crt good.key
refused "two servers in a file" \
    "tls/two.crt: one of the others in it is not an authority's; .*"
make_authority other self
cat "$T/tls/good.pem" "$T/tls/other.pem" >"$T/tls/wrong.crt"
pair wrong.crt good.key
refused "another's issuer" "tls/wrong.crt: none of the other .*"
make_cert past root ca cert_signing_key \
    "activation_date = \"$(day -90)\"" "expiration_date = \"$(day -1)\""
make_cert orphan past "dns_name = switch.example" signing_key tls_www_server
cat "$T/tls/past.pem" >>"$T/tls/orphan.pem"
pair orphan.pem
refused "an expired issuer" \
    "tls/orphan.pem: its issuer's certificate expired on .*"
printf '[req]\ndistinguished_name = d\nx509_extensions = e\n[d]\n[e]\n%s\n' \
    "subjectAltName = $(seq -f 'DNS:n%g.example' -s , 257)" >"$T/many.cnf"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -config "$T/many.cnf" -subj /CN=many -keyout "$T/tls/many.key" \
    -out "$T/tls/many.crt" 2>>"$T/certtool.err"
pair many.crt
refused "257 names" "tls/many.crt: more than 256 names in it"
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do
	cat "$T/tls/good.pem"
done >"$T/tls/long.crt"
pair long.crt good.key
refused "17 certificates" "tls/long.crt: more than 16 certificates"
good_pair='"tls/good.crt"'
good_key='"tls/good.key"'
pairs "[ $good_pair, \"tls/expired.crt\" ]" "[ $good_key, \"tls/expired.key\" ]"
refused "an expired second one" "tls/expired.crt: expired on .*"
pairs "[ $good_pair, $good_pair ]" "[ $good_key, \"tls/short.key\" ]"
refused "a second one's key" "tls/good.crt, tls/short.key: the key is not .*"
pairs "[ $good_pair, $good_pair ]" "$good_key"
refused "a key too few" "wants as many files as tls.certificate, 2"
pairs "[ $good_pair ]" "[ $good_key, $good_key ]"
refused "a key too many" "wants as many files as tls.certificate, 1"
nine=$(printf "$good_pair,%.0s" 1 2 3 4 5 6 7 8)$good_pair
pairs "[ $nine ]" "[ $nine ]"
refused "nine pairs" "wants 1 to 8 files"
pairs "[]" "[]"
refused "none at all" "wants 1 to 8 files"

is "$(serial) $(metric 'rp_reloads_total{result="failed"}')" "$good $failed" \
    "the switch has its good one all the time"
is "$(grep -c event=certificate "$T/switch.err")" 0 "and warns of nothing"

# warned NAME REGEX: with -t and by a reload, in one line.
n_warned() {
	[ "$(grep -c event=certificate "$T/switch.err")" -ge "$1" ]
}
warned() {
	rp_before=$(grep -c event=certificate "$T/switch.err")
	like "$(test_conf)" \
	    "^0 rp-switchd: warning: [^ ]*[.]conf(:[0-9]+)?: tls[.]certificate: $2\$" \
	    "warned of: $1"
	rp-drain --socket "$T/switch.d/control" --reload
	check "- and in the log" wait_for 5 n_warned $((rp_before + 1))
	like "$(sed -n '/event=certificate/p' "$T/switch.err" |
	    tail -n +$((rp_before + 1)) | sed "s|$T/||g")" \
	    "^time=[^ ]* tool=rp-switchd level=warn event=certificate why=\"$2\"\$" \
	    "- once"
}
pair good.pem
warned "a leaf alone" "tls/good.pem: its issuer's certificate does not .*"
make_server soon switch.example tls_www_server \
    "activation_date = \"$(day -80)\"" "expiration_date = \"$(day 9)\""
pair soon.crt
warned "nine days left" "tls/soon.crt: expires on .*, in [89] days"
make_server other_name other.example
pair other_name.crt
warned "another name" "tls/other_name.crt: not valid for switch.example, .*"
cat "$T/tls/good.crt" "$T/tls/root.pem" "$T/tls/other.pem" >"$T/tls/odd.crt"
pair odd.crt good.key
is "$(test_conf)" "0 " "roots in the file are not warned of"
cat "$T/tls/good.pem" "$T/tls/good.crt" >"$T/tls/twice.crt"
pair twice.crt good.key
is "$(test_conf)" "0 " "nor is a certificate that is there twice"
make_cert brief root ca cert_signing_key \
    "activation_date = \"$(day -1)\"" "expiration_date = \"$(day 60)\""
make_cert longer brief "dns_name = switch.example" signing_key tls_www_server
cat "$T/tls/brief.pem" >>"$T/tls/longer.pem"
pair longer.pem
warned "an issuer that ends first" \
    "tls/longer.pem: its issuer's certificate expires on .*, before it .*"
cat "$T/tls/good.pem" "$T/tls/root.pem" "$T/tls/inter.pem" >"$T/tls/mixed.crt"
pair mixed.crt good.key
warned "another order" "tls/mixed.crt: its certificates are not in order; .*"
is "$(echo | openssl s_client -connect "$(address call)" -showcerts \
    2>/dev/null | sed -n 's/^ *[0-9] s:CN = //p' | xargs)" \
    "good inter root" "it is sent in order"
make_cert authority self "dns_name = switch.example" ca signing_key
pair authority.pem
warned "an authority's" "tls/authority.pem: an authority's certificate, .*"
chmod 644 "$T/tls/good.key"
pair good.crt
warned "a key for everybody" "tls/good.key: everybody on this host can read .*"
is "$(serial)" "$good" "each was taken over"
is "$(grep -c level=error "$T/switch.err")" $failed "without an error"

rp-switchd --dev "$T/dev.d" --listen 127.0.0.1:0 -t >"$T/err" 2>&1
is "$? $(cat "$T/err")" "0 " "what --dev makes is not warned of"
if [ "${RP_SANITIZERS:-no}" != no ] || ! command -v faketime >/dev/null; then
	skip "it expires" "needs faketime, without sanitizers"
	skip "the clock is not set" "needs faketime, without sanitizers"
else
	chmod 600 "$T/tls/good.key"
	like "$(test_conf faketime '+100 days')" \
	    "^1 rp-switchd: switch.conf:[0-9]+: tls.certificate: $(
	    )tls/good.crt: expired on " "it expires"
	like "$(test_conf faketime '2001-01-01 00:00:00')" \
	    "^0 rp-switchd: warning: switch.conf:[0-9]+: tls.certificate: $(
	    )tls/good.crt: its dates are not checked, " "the clock is not set"
fi
finish
