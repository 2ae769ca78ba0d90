#!/bin/sh
# A switch without a configuration serves the page on loopback, without TLS, and
# takes WebSockets there: browsers run no worker of a page behind a private
# authority. It prints the address, and the ready file has it. A switch that has
# a configuration takes no WebSocket without TLS. In a drain the page stays, and
# a party of a call reaches the answer port through it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

mkdir -p "$T/page/js"
printf '<!doctype html>\n<title>page</title>\n' >"$T/page/index.html"
echo 'export const one = 1;' >"$T/page/js/one.js"
RP_WEB_ROOT=$T/page
export RP_WEB_ROOT
start_switch switch
url=$(address web)

like "$url" '^http://127\.0\.0\.1:[0-9]+$' "the ready file has an address"
is "$(sed -n 's/.*a page for browsers: //p' "$T/switch.err")" "$url/" \
    "and so has standard error"
is "$(curl -sS --max-time 10 "$url/" | cmp - "$T/page/index.html" 2>&1)" "" \
    "which is that of the page"
is "$(curl -sS --max-time 10 "$url/rp.json" | jq -cS .)" \
    "$(printf '{"registration":false,"scheme":"ws","switches":["%s"],"video":false}' \
    "${url#http://}")" "rp.json names this port"
is "$(curl -sS --max-time 10 "http://localhost:$(port "$url")/rp.json" |
    jq -r '.switches[0]')" "localhost:$(port "$url")" \
    "by the name that a page was asked for by"
is "$(curl -sS --max-time 10 -H 'Host: evil.example' "$url/rp.json" |
    jq -r '.switches[0]')" "${url#http://}" "and by no other"

if ! command -v node >/dev/null ||
    ! node --experimental-websocket -e 'WebSocket' 2>/dev/null; then
	skip "a WebSocket" "needs node 20"
	finish
fi
# ws URL [MESSAGE...]
ws() {
	timeout 60 node --experimental-websocket \
	    "$RP_SRC/t/tools/wsonce.mjs" "$@" 2>&1
}
login="Authorization: Basic $(printf 'alice:%s' "$(token alice)" |
    base64 -w 0)\r\n\r\n"
signal=ws://${url#http://}/signal
ws "$signal" "GET /keepalive HTTP/1.1\r\n$login" >"$T/ws"
is "$(cut -c 1-24 "$T/ws" | tr '\n' '|')" \
    'open|message "HTTP/1.1 200 OK|close 1005|' \
    "a WebSocket carries messages of signalling"
ws "$signal" "GET /keepalive HTTP/1.1\r\n\r\n" >"$T/ws"
is "$(cut -c 1-21 "$T/ws" | tr '\n' '|')" \
    'open|message "HTTP/1.1 401|close 1000|' \
    "who has no credentials is refused as anywhere, and it ends in order"
is "$(ws "$signal/x" | tr '\n' '|')" "error|" \
    "there is none elsewhere"
# Twice as many bytes as a frame's message may have.
big=$(head -c 49152 /dev/zero | tr '\0' x)
like "$(ws "$signal" "$big" | tail -n 1)" '^close 1009' \
    "limits of signalling hold"
is "$(curl -sS --max-time 10 -o /dev/null -w '%{http_code}' "$url/signal" \
    -H 'Connection: Upgrade' -H 'Upgrade: h2c')" 426 \
    "another upgrade is answered by signalling"

rp-drain --socket "$T/switch.d/control" >"$T/drain.out" 2>&1
is "$(curl -sS --max-time 10 -o /dev/null -w '%{http_code}' "$url/")" 200 \
    "in a drain the page is there"
ws "$signal" "GET /keepalive HTTP/1.1\r\n$login" >"$T/ws"
like "$(cat "$T/ws")" 'HTTP/1.1 200' \
    "and the way to the answer port, for parties of calls"
check "the switch runs" running switch
stop switch
is "$?" 0 "it ends in order"
is "$(curl -sS --max-time 5 "$url/" 2>&1 | grep -c 'onnect')" 1 \
    "and the port is closed"

# No page: the port is there for WebSockets, and says so.
RP_WEB_ROOT=$T/nowhere start_switch other
is "$(curl -sS --max-time 10 -o /dev/null -w '%{http_code}' \
    "$(ready "$T/other.ready" web)/")" 404 "a folder that is missing: 404"
finish
