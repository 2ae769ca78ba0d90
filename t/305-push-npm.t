#!/bin/sh
# rp-pushsend against the npm packages. We decrypt what web-push encrypts, and
# http_ece decrypts what we encrypt. A subscription made by web-push-testing
# receives what rp-pushsend sends; the package verifies VAPID and decrypts by
# itself.
. "$(dirname "$0")/lib.sh"
. "$RP_SRC/t/push/push.sh"

npm_packages web-push web-push-testing || skip_all "$npm_missing"
tool=$RP_BUILD/t/tools/webpush
[ -x "$tool" ] || make -C "$RP_BUILD" t/tools/webpush >/dev/null 2>&1

check "what web-push encrypts we decrypt, at every length" \
    node "$RP_SRC/t/push/npm.js" "$npm" there "$tool"
check "what we encrypt http_ece decrypts, at every length" \
    node "$RP_SRC/t/push/npm.js" "$npm" back "$tool"

NODE_PATH=$npm/node_modules node -e '
const keys = require("web-push").generateVAPIDKeys();
console.log(keys.publicKey);
require("fs").writeFileSync(process.argv[1], keys.privateKey);
' "$T/npm.key" >"$T/npm.public"
is "$(rp-pushsend --public-key "$T/npm.key" 2>&1)" "$(cat "$T/npm.public")" \
    "a key that web-push has made is read"

start service node "$RP_SRC/t/push/npm.js" "$npm" serve "$T"
wait_for 20 test -s "$T/ready" || fail "web-push-testing starts" \
    "$(cat "$T/service.err")"
at=http://localhost:$(ready "$T/ready" port)
wait_for 10 curl -fsS -X POST "$at/status"
rp-pushsend --new-key "$T/vapid.pem" >"$T/public"
cat >"$T/pushsend.conf" <<END
webpush: { key = "vapid.pem"; subject = "mailto:ops@example.org"; };
END
curl -fsS -H 'Content-Type: application/json' -d "{\"userVisibleOnly\": \"true\",
    \"applicationServerKey\": \"$(cat "$T/public")\"}" "$at/subscribe" |
    jq -c .data >"$T/subscription"
like "$(cat "$T/subscription")" '"p256dh"' "web-push-testing subscribes"

# request ID
request() {
	jq -c --arg id "$1" '{id: $id, type: "webpush", to: .,
	    payload: {kind: "call", for: $id}, ttl: 20}' "$T/subscription"
}
send() {
	rp-pushsend --dev -c "$T/pushsend.conf"
}

request a | send >"$T/out"
is "$(jq -r '"\(.status) \(.reason)"' "$T/out")" "sent 201" "it is sent"
hash=$(jq -r .clientHash "$T/subscription")
is "$(curl -fsS -H 'Content-Type: application/json' \
    -d "{\"clientHash\": \"$hash\"}" "$at/get-notifications" |
    jq -c '.data.messages')" '["{\"kind\":\"call\",\"for\":\"a\"}"]' \
    "and is what the browser's side reads"
curl -fsS -X POST "$at/expire-subscription/$hash" >/dev/null
request b | send >"$T/out"
is "$(jq -r .status "$T/out")" gone "an expired subscription is gone"
finish
