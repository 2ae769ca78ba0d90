#!/bin/sh
# What the engine promises for every provider. It keeps a rate limit. A service
# that stalls does not stop the others, and one that was down is used again once
# it is back. Secrets are not logged. Pushes to forbidden addresses are refused.
. "$(dirname "$0")/lib.sh"
. "$RP_SRC/t/push/push.sh"

start_service a webpush
start_service b webpush
here=https://localhost:$(service_port a)
there=https://127.0.0.1:$(service_port b)

# conf NAME [LINE...]
conf() {
	name=$1
	shift
	{
		printf 'ca_file = "cert.pem";\n'
		printf '%s\n' "$@"
	} >"$T/$name.conf"
}
conf plain 'allow = [ "127.0.0.0/8", "::1" ];'

# requests SERVICE URL ID N [MORE]
requests() {
	jq -nc --argjson keys "$(cat "$T/$1.d/receiver.json")" --arg url "$2" \
	    --arg id "$3" --argjson n "$4" --argjson more "${5:-null}" '
	    range($n) | {id: "\($id)\(.)", type: "webpush",
	    to: {endpoint: "\($url)/\(.)", keys: $keys},
	    payload: {id: "\($id)\(.)", caller: "+27215550100"}, ttl: 20} +
	    ($more // {})'
}

send() {
	timeout 60 rp-pushsend -c "$T/$1.conf"
}

# A rate. (That it is reached, too, is for t/bench/push.)
conf rate 'allow = "127.0.0.0/8";' 'webpush: { rate = 50; };'
requests a "$here/ok" r 60 >"$T/in"
began=$(date +%s%3N)
send rate <"$T/in" >"$T/out"
took=$(($(date +%s%3N) - began))
is "$(jq -r .status "$T/out" | sort | uniq -c | xargs)" "60 sent" \
    "sixty at fifty a second"
check "take more than a second" test "$took" -gt 1000

# A service that stalls, before one that does not.
conf small 'allow = "127.0.0.0/8";' 'in_flight = 16;' \
    'in_flight_per_service = 8;'
{
	requests a "$here/stall" brief 20 '{"deadline_ms": 2500}'
	requests a "$here/stall" stalled 20 '{"deadline_ms": 600000}'
	requests b "$there/ok" quick 100
} >"$T/in"
mkfifo "$T/fed"
start small sh -c "exec rp-pushsend -c '$T/small.conf' <'$T/fed'"
# The fifo stays open, so that rp-pushsend goes on.
start small.hold sh -c 'exec sleep 600 >"$0"' "$T/fed"
cat "$T/in" >"$T/fed"
# statuses ID: "N STATUS" of the results so far.
statuses() {
	jq -r --arg id "$1" 'select(.id | test($id)).status' "$T/small.out" |
	    sort | uniq -c | xargs
}
ended() {
	[ "$(statuses "$1")" = "$2" ]
}
check "a stalled service does not stop another" \
    wait_for 20 ended quick "100 sent"
check "what is stalled ends at its deadline" \
    wait_for 20 ended brief "20 retry"
is "$(statuses stalled)" "" "while those with a later one go on"
stop small
stop small.hold KILL
is "$(statuses stalled)" "20 retry" "until they are stopped"
check "one result each" one_each "$T/in" "$T/small.out"
is "$(jq -r '.id | sub("[0-9]+$"; "")' "$T/small.out" | uniq | tail -n 1)" \
    stalled "the other had not to wait for any of them"

# A connection that dies without a word, with others on it. An attempt that never
# reached the service was made on that connection. A busy machine may time out
# others too, but those are in the service's log.
conf quick 'allow = "127.0.0.0/8";' 'attempt_ms = 2000;'
# freezes: send them, and tell how many attempts did not reach the service.
freezes() {
	tries=$((tries + 1))
	logged=$(wc -l <"$T/a.d/log")
	{
		requests a "$here/once-freeze/$tries" frozen 1
		wait_for 10 grep -q "once-freeze/$tries" "$T/a.d/log"
		requests a "$here/ok" behind 40
	} | send quick >"$T/out"
	logged=$(($(wc -l <"$T/a.d/log") - logged))
	unseen=$(($(jq -s '[.[].attempts] | add' "$T/out") - logged))
	[ "$unseen" -le 41 ]
}
tries=0
once_in 3 freezes
is "$?:$(jq -r .status "$T/out" | sort | uniq -c | xargs)" "0:41 sent" \
    "a connection that dies is given up for all that wait on it ($(
    )$unseen unseen): each was on it once at most"

# A service that is down, and comes back.
port=$(service_port b)
stop b
requests b "$there/ok" down 20 >"$T/down.in"
down=$(date +%s%3N)
start down sh -c "exec rp-pushsend -c '$T/plain.conf' <'$T/down.in'"
check "nobody is told anything while it may come back" \
    never 1 test -s "$T/down.out"
PORT=$port
export PORT
start_service b webpush
unset PORT
down=$(($(date +%s%3N) - down))
join down
is "$? $(jq -r .status "$T/down.out" | sort | uniq -c | xargs)" "0 20 sent" \
    "a service that comes back is found again"
# The waits double, so the last is about as long as all before it.
check "before it is up for three times as long as it was down ($down ms)" \
    jq -es --argjson down "$down" '[.[].ms] | max < 4 * $down' "$T/down.out"

# Something that speaks no TLS.
start deaf node -e 'require("net").createServer((s) => {
	s.on("error", () => {}); s.end("220 hello\r\n"); })
    .listen(0, "127.0.0.1", function () {
	console.log(this.address().port); })'
wait_for 10 test -s "$T/deaf.out"
requests a "https://localhost:$(cat "$T/deaf.out")" deaf 1 \
    '{"deadline_ms": 700}' | send plain >"$T/out"
is "$(jq -r .status "$T/out")" retry "what speaks no TLS may learn to"

# Where it may not go.
conf denied 'allow = "127.0.0.0/8";' 'deny = "127.0.0.0/8";'
requests a "$here/ok" d 1 | send denied >"$T/out"
is "$(jq -r .status "$T/out")" failed "deny comes before allow"
before=$(wc -l <"$T/a.d/log")
conf none
requests a "$here/ok" d 1 | send none >"$T/out"
requests a "http://localhost:$(service_port a)/ok" d 1 | send none >>"$T/out"
is "$(jq -r .status "$T/out" | xargs)" "failed failed" \
    "a name that leads inside is refused where it leads"
is "$(wc -l <"$T/a.d/log")" "$before" "nothing came through"

# Nothing secret, at the most talkative level.
conf loud 'allow = "127.0.0.0/8";' 'log_level = "debug";'
{
	requests a "$here/ok/SECRETPATH" loud 1
	requests a "$here/s410/SECRETPATH" louder 1
	echo SECRETGARBAGE
} | send loud >"$T/out" 2>"$T/log"
like "$(cat "$T/log")" 'event=push id="louder0" status=gone' \
    "results are logged if asked for"
auth=$(jq -r .auth "$T/a.d/receiver.json")
is "$(grep -cE "SECRET|27215550100|$auth" "$T/log" "$T/out" | xargs)" \
    "$T/log:0 $T/out:0" "without endpoints, payloads or keys"
finish
