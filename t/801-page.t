#!/bin/sh
# The page's port serves the files of its folder and nothing else, with the type,
# the tag and the policy that each needs, compressed where that helps. No form of
# a path leads out of the folder or lists it. Malformed requests are answered,
# and end neither the switch nor a call.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/page.sh"

make_subscribers
make_page
echo secret >"$T/secret"
write_page_conf
start_configured
like "$(address web)" '^https://127\.0\.0\.1:[0-9]+$' "the ready file has it"

is "$(page /) $(cmp "$T/body" "$T/page/index.html" 2>&1)" "200 " \
    "/ is index.html"
is "$(page /index.html) $(cmp "$T/body" "$T/page/index.html" 2>&1)" "200 " \
    "and so is its name"
is "$(page '/index.html?utm=1') $(cmp "$T/body" "$T/page/index.html" 2>&1)" \
    "200 " "with a query, too"
is "$(header Content-Type)" "text/html; charset=utf-8" "HTML has a charset"
policy=$(header Content-Security-Policy)
for directive in "default-src 'none'" "script-src 'self'" "style-src 'self'" \
    "base-uri 'none'" "form-action 'none'" "frame-ancestors 'none'" \
    "require-trusted-types-for 'script'"; do
	case "; $policy;" in
	*"; $directive;"*) pass "the policy says $directive" ;;
	*) fail "the policy says $directive" "$policy" ;;
	esac
done
is "$(printf '%s' "$policy" | grep -cE "unsafe|https?:| \*")" 0 \
    "and allows nothing inline, no eval and no other site"
like "$policy" "connect-src 'self' wss://127\.0\.0\.1:\* wss://localhost:\*" \
    "but WebSockets to the switch"
is "$(header X-Content-Type-Options) $(header Referrer-Policy)" \
    "nosniff no-referrer" "nothing is guessed, and nobody told"
is "$(header Permissions-Policy)" "microphone=(self), camera=(self)" \
    "the page has the microphone"
page /worker.js >/dev/null
is "$(header Content-Security-Policy)" "$policy" "a worker has the same policy"

types=
while read -r path type; do
	page "$path" >/dev/null
	[ "$(header Content-Type)" = "$type" ] &&
	    [ "$(header X-Content-Type-Options)" = nosniff ] &&
	    header Content-Security-Policy | grep -q "^default-src 'none'" ||
	    types="$types $path:$(header Content-Type)"
done <<-'END'
	/js/many.js text/javascript; charset=utf-8
	/icons/icon.png image/png
	/rp.json application/json; charset=utf-8
	/nothing text/plain; charset=utf-8
END
is "$types" "" "each answer has its type and a policy"

is "$(page /rp.json) $(jq -cS . "$T/body")" \
    "200 $(printf '{"registration":false,"scheme":"wss","switches":["%s"],"video":false}' \
    "$(address call)")" "rp.json names the switch"
is "$(page /rp.json -H 'Host: localhost:1') $(jq -r '.switches[0]' "$T/body")" \
    "200 localhost:$(port "$(address call)")" \
    "by the name that the page was asked for by, if the switch has it"
is "$(page /rp.json -H 'Host: evil.example') $(jq -r '.switches[0]' "$T/body")" \
    "200 $(address call)" "and by no other"

# Caching and compression.
is "$(page /js/many.js) $(header Content-Encoding)" "200 " \
    "nothing is compressed unasked"
plain=$(header ETag)
is "$(page /js/many.js -H 'Accept-Encoding: br, gzip;q=0') $(header Content-Encoding)" \
    "200 " "nor when it is refused"
is "$(page /js/many.js -H 'Accept-Encoding: br, gzip') $(header Content-Encoding)" \
    "200 gzip" "gzip is sent to those that take it"
check "which is the file" sh -c 'gzip -dc <"$1" | cmp - "$2"' - "$T/body" \
    "$T/page/js/many.js"
check "and shorter" test "$(wc -c <"$T/body")" -lt \
    "$(($(wc -c <"$T/page/js/many.js") / 3))"
packed=$(header ETag)
check "the two have different tags" test "$plain" != "$packed"
is "$(header Vary) $(header Cache-Control)" "Accept-Encoding no-cache" \
    "caches keep them apart, and ask"
for tag in "$plain" "$packed" "\"other\", W/$packed" '*'; do
	is "$(page /js/many.js -H "If-None-Match: $tag") $(wc -c <"$T/body")" \
	    "304 0" "who has $tag gets nothing new"
done
is "$(page /js/many.js -H 'If-None-Match: "other"')" 200 \
    "who has another gets it"
is "$(page /icons/icon.png -H 'Accept-Encoding: gzip') $(header Content-Encoding)" \
    "200 " "a picture is not compressed again"
rm -f "$T/body"
is "$(page /js/many.js -I) $(header Content-Length)" \
    "200 $(wc -c <"$T/page/js/many.js")" "HEAD has the length"
is "$(printf 'HEAD /js/many.js HTTP/1.0\r\n\r\n' | raw | sed '1,/^$/d' |
    wc -c)" 0 "and no body"

# Nothing else is served.
for path in /js /js/ /js/../index.html /../secret /..%2fsecret \
    /%2e%2e/secret /js/%2e%2e/%2e%2e/secret //index.html /./index.html \
    /index.html%00 '/..\secret' /switch.d/key.pem /js/many.js/ \
    /INDEX.HTML /signal; do
	is "$(page "$path")" 404 "$path is not there"
done
is "$(grep -c secret "$T/body")" 0 "without a word of it"
for method in POST PUT DELETE OPTIONS TRACE; do
	is "$(page / -X $method) $(header Allow)" "405 GET, HEAD" \
	    "no $method"
done
is "$(page /rp.json -X POST --data '{}')" 405 "nor for rp.json"

# Forms of HTTP.
is "$(printf 'GET / HTTP/1.0\r\n\r\n' | raw | statuses)" 200 \
    "HTTP/1.0 is answered, and closed"
is "$(printf 'GET / HTTP/1.1\r\n\r\nHEAD /js/many.js HTTP/1.1\r\n\r\nGET /no HTTP/1.1\r\nConnection: close\r\n\r\n' |
    raw | statuses)" "200 200 404" "requests at once are answered in order"
for request in 'GET /' 'GET / HTTP/2.0' 'GET  / HTTP/1.1' \
    'GET http://x/ HTTP/1.1' 'GET index.html HTTP/1.1' \
    'HTTP/1.1 200 OK' '\001\002\003' 'GET / HTTP/1.1\r\n folded: x' \
    'GET / HTTP/1.1\r\nContent-Length: -1' \
    'GET / HTTP/1.1\r\nHost: a\r\nHost: b'; do
	is "$(printf "$request\r\n\r\n" | raw | statuses)" 400 \
	    "400: $(printf '%s' "$request" | tr '\\' /)"
done
is "$(printf 'GET / HTTP/1.1\nHost: x\n\n' | raw | statuses)" 400 \
    "400: lines without CR"
is "$( (printf 'GET / HTTP/1.1\r\nCookie: '
    head -c 9000 /dev/zero | tr '\0' x) | raw | statuses)" 431 \
    "431: a head that is too large"
is "$(printf 'GET / HTTP/1.1\r\nContent-Length: 99999\r\n\r\n' |
    raw | statuses)" 413 "413: a body that is too large"
is "$(printf 'GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n' |
    raw | statuses)" 501 "501: a transfer coding"
is "$(metric 'rp_web_responses_total{status="431"}') $(metric \
    'rp_web_responses_total{status="304"}')" "1 4" "all are counted"
check "the switch runs" running switch
stop switch
is "$?" 0 "and ends in order"

# The first load of the page that comes with us: all that a browser needs before
# the page can be used, with the heads. None of it waits for an import to be
# found, because index.html names each module.
first() {
	perl "$RP_SRC/t/tools/firstload.pl" "$RP_SRC/contrib/web" "$@"
}
is "$(sed -n 's/.*rel="modulepreload" href="\(.*\)".*/\1/p' \
    "$RP_SRC/contrib/web/index.html")" "$(first -p)" \
    "index.html names the modules that are needed at first, and no other"
installed_page "$T/installed"
sed -i 's|root = "page"|root = "installed"|' "$T/switch.conf"
rm -f "$T/switch.ready"
start_configured
first >"$T/first"
bytes=0 missing=
while read -r path; do
	got=$(page "/$path" -H 'Accept-Encoding: gzip')
	[ "$got" = 200 ] || missing="$missing $path:$got"
	bytes=$((bytes + $(cat "$T/head" "$T/body" | wc -c)))
done <"$T/first"
is "$missing" "" "the first load is there"
check "in more than ten files" test "$(wc -l <"$T/first")" -gt 10
if [ "$bytes" -lt 60000 ]; then
	pass "and below 60 kB, with $bytes bytes"
else
	fail "and below 60 kB" "$bytes bytes"
fi
finish
