#!/bin/sh
# Whatever clients of the page's port do, it stays within its limits, and calls
# notice nothing: connections in all and for each address, requests on one
# connection, the time for a request however slowly its bytes come, and the time
# for an answer. Who comes when all places are taken is served, because the one
# that was idle the longest gives way.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/page.sh"

make_subscribers
make_page
head -c 19000000 /dev/urandom >"$T/page/big.bin"
web="max_connections = 8; max_connections_per_address = 4; max_requests = 3;
    max_bytes = 20000000; idle_ms = 1500; send_ms = 3000;"
write_page_conf
start_configured

get='GET /worker.js HTTP/1.1\r\n\r\n'
is "$(printf "$get$get$get$get$get" | raw | statuses)" "200 200 200" \
    "a connection ends after web.max_requests"
is "$(printf "$get$get$get" | raw | grep -c '^Connection: close')" 1 \
    "which the last answer says"

# A byte now and then does not keep a connection.
from=$(date +%s%3N)
is "$( (printf 'GET / HTTP/1.1\r\n'
    while printf 'X: y\r\n' 2>/dev/null; do sleep 0.1; done) | raw |
    statuses)" 408 "a request that trickles in is answered 408"
check "not before web.idle_ms" test $(($(date +%s%3N) - from)) -ge 1500
is "$( (printf "$get"; sleep 0.2; printf 'GET'
    while printf x 2>/dev/null; do sleep 0.1; done) | raw | statuses)" \
    "200 408" "nor does one after an answer"
mkfifo "$T/quiet.in"
start quiet sh -c 'exec openssl s_client -quiet -connect "$1" <"$0"' \
    "$T/quiet.in" "$(address web | sed 's|.*//||')"
start quiet.hold sh -c 'exec sleep 600 >"$0"' "$T/quiet.in"
check "a silent one is closed" wait_for 10 fails running quiet
is "$(cat "$T/quiet.out")" "" "without a word"
late='rp_tls_handshake_failures_total{port="web",reason="timeout"}'
before=$(metric "$late")
crowd early 1 127.0.0.1
check "one without TLS, too" wait_for 10 metric_is rp_web_connections 0
is "$(metric "$late")" "$before" \
    "which said nothing, as one that a browser opens in advance"
stop early KILL

# A client that reads slowly has web.send_ms for an answer, and no more: at this
# rate it would need three times as long. The time for a request is over by then.
from=$(date +%s%3N)
is "$(page /big.bin --limit-rate 2M) $(sed -n 's/curl: (\([0-9]*\)).*/\1/p' \
    "$T/curl.err")" "200 18" "who reads slowly is given up"
check "not before web.send_ms" test $(($(date +%s%3N) - from)) -ge 3000
check "before it has all" test "$(wc -c <"$T/body")" -lt 19000000
check "and its place is free" wait_for 10 metric_is rp_web_connections 0
is "$(page /big.bin) $(cmp "$T/body" "$T/page/big.bin" 2>&1)" "200 " \
    "who reads gets all"

# Places. Nobody loses one because the machine is busy.
stop switch
rm "$T/page/big.bin"
web="max_connections = 8; max_connections_per_address = 4; idle_ms = 120000;"
write_page_conf
start_configured
crowd home 6 127.0.0.1
check "the others gave way" wait_for 10 \
    metric_is 'rp_web_cut_total{limit="max_per_address"}' 2
check "an address has web.max_connections_per_address" wait_for 10 \
    metric_is rp_web_connections 4
is "$(page /)" 200 "its next one is served"
# From networks of all sizes, of which no single one has too many.
crowd world 1 127.0.0.2 127.0.0.3 127.0.1.1 127.0.2.1 127.1.0.1 127.2.0.1 \
    127.3.0.1 127.4.0.1 127.5.0.1 127.6.0.1
# The kernel accepts them before the switch does.
check "others gave way" wait_for 10 \
    metric_least 'rp_web_cut_total{limit="max"}' 1
check "all have web.max_connections" \
    test "$(metric rp_web_connections)" -le 8
is "$(page / --interface 127.0.0.20)" 200 "a newcomer is served"
is "$(ask alice GET /keepalive)" 200 "and so are calls"
is "$(metric rp_strangers)" 0 "none of these is a stranger of theirs"
stop home KILL
stop world KILL

# They never take the descriptors of calls.
stop switch
rm -f "$T/switch.ready"
web="max_connections = 5000; max_connections_per_address = 5000;"
write_page_conf
start switch prlimit --nofile=160:160 rp-switchd -c "$T/switch.conf" \
    --ready-file "$T/switch.ready"
wait_for 20 test -s "$T/switch.ready" || give_up "it starts" "$T/switch.err"
is "$(metric rp_web_connections_max)" 11 \
    "with few descriptors the port has a sixteenth"
crowd home 60 127.0.0.1
check "and no more" test "$(metric rp_web_connections)" -le 11
is "$(ask alice GET /keepalive)" 200 "calls have theirs"
check "the gate stays open" reason ""
finish
