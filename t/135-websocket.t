#!/bin/sh
# The same messages in WebSocket frames: a call between a page's connection and
# a plain one, malformed frames, and the choice of pages that may connect.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
write_conf "exec $T/pusher $T" \
    'web = { origins = [ "https://call.example" ]; };' \
    'connections = { auth_ms = 3000; };'
start_configured
wakeable bob

talk_with=-w
talk alice alice
talk_with=
say alice "INITIATE /session/bob body=offer"
check "a page dials" heard alice '^response 200 - 0 \{'
id=$(sed -n 's/.*"sessionId":"\([0-9a-f]*\)".*/\1/p' "$T/alice.out")
say alice "INFO /session/$id body=candidate-1"
say alice "INFO /session/$id body=candidate-2"
talk bob bob answer
say bob "RING /session/$id body=answer"
check "bob's plain connection gets the candidates" heard bob 'INFO .* candidate-2$'
say bob "ANSWER /session/$id"
check "and the page gets the answer" heard alice '^request ANSWER'
is "$(sed -n 's/^request \([A-Z]*\).*/\1/p' "$T/alice.out" | xargs)" \
    "RING ANSWER" "in order"
for i in $(seq 30); do
	say bob "INFO /session/$id body=$i"
done
check "many messages" heard alice 'INFO .* 30$'
is "$(grep -c '^request INFO' "$T/alice.out")" 30 "all of them"

# Frames that hold no message, or not just one.
refused() {
	: >"$T/mallory.out"
	talk_with=-w
	talk mallory alice
	talk_with=
	say mallory "$3"
	check "$2: $1" heard mallory "^response $1 "
	check "$2: closed with 1008" heard mallory '^close 1008'
	bye mallory
}

refused 400 "half a message" 'raw GET /keepalive HTTP/1.1\r\n'
refused 400 "two messages" 'raw GET /keepalive HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n'
refused 413 "a body too long" \
    'raw PUT /push HTTP/1.1\r\nContent-Length: 16385\r\n\r\n'
refused 408 "silence" 'mute'
: >"$T/mallory.out"
talk_with=-w
talk mallory alice
talk_with=
say mallory 'raw GET /keepalive HTTP/1.1\r\n\r\n'
check "no credentials: 401" heard mallory '^response 401'
check "and closed" heard mallory '^close 1000'
bye mallory

# upgrade HEADER...: the status of GET /signal.
upgrade() {
	for rp_header; do
		set -- "$@" -H "$rp_header"
		shift
	done
	curl -sS --cacert "$T/switch.d/ca.pem" --max-time 30 -o /dev/null \
	    -w '%{http_code}' --http1.1 -H 'Connection: Upgrade' "$@" \
	    "https://$(address call)/signal" 2>/dev/null
}

key='Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
version='Sec-WebSocket-Version: 13'
# Who is welcome stays until the switch has waited long enough: both at once.
upgrade 'Upgrade: websocket' "$key" "$version" >"$T/nopage" &
nopage=$!
upgrade 'Upgrade: websocket' "$key" "$version" \
    'Origin: https://call.example' >"$T/page" &
wait $nopage $!
is "$(cat "$T/nopage")" 101 "no page: welcome"
is "$(cat "$T/page")" 101 "a page that is listed: welcome"
is "$(upgrade 'Upgrade: websocket' "$key" "$version" \
    'Origin: https://evil.example')" 403 "another page: 403"
is "$(upgrade 'Upgrade: websocket' "$key" 'Sec-WebSocket-Version: 8')" 426 \
    "another version: 426"
is "$(upgrade 'Upgrade: websocket' "$version")" 400 "no key: 400"
is "$(upgrade "$key" "$version")" 426 "no upgrade: 426"

say bob "HANGUP /session/$id"
check "the call beside has noticed nothing" \
    heard alice '^request HANGUP .* hung-up'
stop switch
is $? 0 "the switch stops"
is "$(grep -c 'level=error' "$T/switch.err")" 0 "without an error"
finish
