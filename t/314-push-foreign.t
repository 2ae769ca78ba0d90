#!/bin/sh
# What an operator brings from elsewhere is taken, and what cannot work is told
# at the start. VAPID keys as other tools write them are all the same key. A
# service account that went through a shell still has its key. A file that holds
# something else is named for what it is. A contact that services refuse is an
# error or a warning. What Google says of an account stands in the reason.
. "$(dirname "$0")/lib.sh"
. "$RP_SRC/t/push/push.sh"

umask 077	# keys that others can read are warned of
cd "$T" || exit 1
# One key in the forms of web-push, pywebpush, openssl, and as a JSON Web Key.
node -e '
const c = require("crypto"), fs = require("fs");
const pair = c.generateKeyPairSync("ec", { namedCurve: "P-256" });
const key = pair.privateKey, jwk = key.export({ format: "jwk" });
const public = Buffer.concat([Buffer.from([4]), Buffer.from(jwk.x, "base64url"),
    Buffer.from(jwk.y, "base64url")]).toString("base64url");
const der = key.export({ type: "pkcs8", format: "der" });
const w = (name, text) => fs.writeFileSync(name, text);
w("public", public + "\n");
w("1.raw", jwk.d);
w("2.padded", jwk.d + "=\r\n");
w("3.standard", Buffer.from(jwk.d, "base64url").toString("base64") + "\n");
w("4.json", JSON.stringify({ publicKey: public, privateKey: jwk.d }));
w("5.printed", "\n=====\n\nPublic Key:\n" + public + "\n\nPrivate Key:\n" +
    jwk.d + "\n\n=====\n");
w("6.jwk", JSON.stringify(jwk, null, 2));
w("7.base64der", der.toString("base64url"));
w("8.pkcs8", key.export({ type: "pkcs8", format: "pem" }));
w("9.sec1", key.export({ type: "sec1", format: "pem" }));
w("10.bom", "\ufeff" + key.export({ type: "pkcs8", format: "pem" })
    .replace(/\n/g, "\r\n"));
w("der", der);
w("public.pem", pair.publicKey.export({ type: "spki", format: "pem" }));
w("encrypted.pem", key.export({ type: "pkcs8", format: "pem",
    cipher: "aes-256-cbc", passphrase: "x" }));
w("encrypted.sec1", key.export({ type: "sec1", format: "pem",
    cipher: "aes-256-cbc", passphrase: "x" }));
w("empty", "");
w("mixed.json", JSON.stringify({ publicKey: public, privateKey:
    c.generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey
    .export({ format: "jwk" }).d }));
w("p384.pem", c.generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey
    .export({ type: "pkcs8", format: "pem" }));
w("rsa.pem", c.generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey
    .export({ type: "pkcs8", format: "pem" }));
' || give_up "node makes keys"

for file in *.*; do
	case $file in
	[0-9]*) echo "$file $(rp-pushsend --public-key "$file" 2>&1)" ;;
	esac
done >"$T/got"
is "$(wc -l <got | xargs) $(grep -cvF "$(cat public)" got)" "10 0" \
    "ten forms of one key have one public half"

# conf KEY [SUBJECT]: the errors of -t, and its exit status.
conf() {
	printf 'webpush: { key = "%s";%s };\n' "$1" \
	    "${2+ subject = \"$2\";}" >push.conf
	timeout 10 rp-pushsend -t -c push.conf 2>&1
	echo $?
}
is "$(conf 1.raw mailto:ops@example.org)" 0 "and work"
while read -r file words; do
	like "$(conf "$file" mailto:ops@example.org | xargs)" \
	    "webpush.key: $words.* 1\$" "$file is told"
done <<END
der DER; wants PEM
empty empty
public.pem a public key; wants the private one
public a public key; wants the private one
encrypted.pem an encrypted key; wants one without a passphrase
encrypted.sec1 an encrypted key; wants one without a passphrase
p384.pem wants the curve P-256
rsa.pem an RSA key; wants a P-256 key
mixed.json its public key is not that of its private key
missing No such file
END

# Contacts.
for subject in '' ops@example.org 'mailto: ops@example.org' x '   ' \
    http://localhost:8080 mailto:ops 'mailto:<ops@example.org>' https:// \
    'mailto:Ops <ops@example.org>' tel:+15550100; do
	echo "$(conf 1.raw "$subject" | tail -n 1) $subject"
done >got
is "$(grep -v '^1' got)" "" "a contact that services refuse is an error"
like "$(conf 1.raw ops@example.org | head -n 1)" \
    'webpush.subject: wants mailto:ADDRESS or https://HOST' "with its reason"
for subject in mailto:ops@example.org https://example.org/contact \
    https://example.org:8443; do
	conf 1.raw "$subject"
done >got
is "$(xargs <got)" "0 0 0" "what they take is silent"
for subject in mailto:ops@localhost https://localhost mailto:ops@box.local; do
	conf 1.raw "$subject"
done >got
is "$(grep -c 'level=warn event=webpush_subject' got) $(grep -cx 0 got)" \
    "3 3" "what some refuse is a warning"
like "$(conf 1.raw | xargs)" 'event=webpush_subject.* 0$' \
    "and so is none with a key"
printf 'webpush: { rate = 5; };\n' >push.conf
is "$(rp-pushsend -t -c push.conf 2>&1)" "" "but not without a key"

# Google's accounts.
start_service fcm fcm
jq '.private_key |= gsub("\n"; "\\n")' fcm.d/account.json >fcm.d/escaped.json
printf '\357\273\277' | cat - fcm.d/account.json >fcm.d/bom.json
# fcm ACCOUNT: one push by it.
fcm() {
	cat >fcm.conf <<END
ca_file = "cert.pem";
fcm: { service_account = "fcm.d/$1"; url = "https://localhost:$(
	    service_port fcm)"; };
END
	echo '{"id":"a","type":"fcm","to":{"token":"ok:a"},"payload":{}}' |
	    timeout 20 rp-pushsend -c fcm.conf 2>>fcm.err |
	    jq -r '"\(.status) \(.reason)"'
}
is "$(fcm escaped.json)" "sent 200" "a key with backslash and n is taken"
is "$(fcm bom.json)" "sent 200" "and a file with a byte order mark"
jq '.private_key = "-----BEGIN PUBLIC KEY-----"' fcm.d/account.json \
    >fcm.d/public.json
like "$(fcm public.json; rp-pushsend -t -c fcm.conf 2>&1)" \
    'private_key: a public key; wants the private one' "another key is told"
start teller node -e '
const fs = require("fs");
require("http2").createSecureServer({ key: fs.readFileSync("key.pem"),
    cert: fs.readFileSync("cert.pem"), allowHTTP1: true }, (q, s) => {
	s.writeHead(400);
	s.end(JSON.stringify({ error: "invalid_grant",
	    error_description: "Invalid grant: account not found" }));
}).listen(0, "127.0.0.1", function () { console.log(this.address().port); })'
wait_for 10 test -s teller.out
jq --arg at "https://localhost:$(cat teller.out)/" '.token_uri = $at' \
    fcm.d/account.json >fcm.d/refused.json
like "$(fcm refused.json)" \
    '^failed token: 400: invalid_grant: Invalid grant: account not found' \
    "what Google says of an account is in the reason"
is "$(cat ./*.err ./*.out got | grep -c PRIVATE)" 0 "no key is printed"
finish
