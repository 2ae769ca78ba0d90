#!/bin/sh
# The gate. While new calls are refused (full, draining), the call port answers
# RST and connected clients are told 503. Running calls go on, and a drain ends
# with the last of them. The test also covers reloads and the errors that keep a
# switch from starting.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
write_conf "exec $T/pusher $T" 'max_calls = 1;'
start_configured
wakeable bob

# connects PORT: does the port accept?
connects() {
	curl -sS -o /dev/null --cacert "$T/switch.d/ca.pem" --max-time 5 \
	    "https://$(address "$1")/keepalive" 2>/dev/null
}

check "the call port is open" connects call
talk carol alice
talk alice alice
say alice "INITIATE /session/bob body=offer"
check "the one call that fits begins" heard alice '^response 200'
id=$(sed -n 's/.*"sessionId":"\([0-9a-f]*\)".*/\1/p' "$T/alice.out")
check "full: the call port is closed" wait_for 5 metric_is rp_gate_open 0
connects call
is $? 7 "and refuses connections"
check "the answer port is open" connects answer
say carol "INITIATE /session/bob body=offer"
check "who got in before: 503" heard carol '^response 503 full 2 '
is "$(metric 'rp_gate_closed{reason="full"}')" 1 "the reason is told"
say alice "HANGUP /session/$id"
check "room again: the call port opens" wait_for 5 connects call
say carol "INITIATE /session/bob body=offer"
check "and calls are taken" heard carol '^response 200'
bye carol

# Calls expire by themselves; a reload changes limits, and a mistake nothing.
write_conf "exec $T/pusher $T" 'max_calls = 10;'
sed -i 's/^call = {/call = { push_ms = 500;/' "$T/switch.conf"
kill -HUP "$(cat "$T/switch.pid")"
check "a reload" wait_for 5 metric_is 'rp_reloads_total{result="ok"}' 1
say alice "INITIATE /session/bob body=offer"
check "max_calls is another" wait_for 5 sh -c \
    "[ \$(grep -c '^response 200 - 0 {' $T/alice.out) = 2 ]"
check "push_ms too: nobody came in time" \
    heard alice '^request HANGUP .* expired'
echo 'nonsense = 1;' >>"$T/switch.conf"
kill -HUP "$(cat "$T/switch.pid")"
check "a reload with a mistake" \
    wait_for 5 metric_is 'rp_reloads_total{result="failed"}' 1
like "$(grep event=reload "$T/switch.err" | tail -1)" \
    'switch.conf:[0-9]+: nonsense' "is logged with its line"
is "$(ask alice GET /keepalive)" 200 "and changes nothing"

# A drain: an answered call goes on.
is "$(metric rp_calls_active)" 1 "carol's call still rings"
write_conf "exec $T/pusher $T" 'max_calls = 10;'
kill -HUP "$(cat "$T/switch.pid")"
check "a third reload" wait_for 5 metric_is 'rp_reloads_total{result="ok"}' 2
say alice "INITIATE /session/bob body=offer"
check "a new call" wait_for 5 sh -c \
    "[ \$(grep -c '^response 200 - 0 {' $T/alice.out) = 3 ]"
id=$(sed -n 's/.*"sessionId":"\([0-9a-f]*\)".*/\1/p' "$T/alice.out" |
    tail -1)
talk bob bob answer
say bob "RING /session/$id body=answer"
say bob "ANSWER /session/$id"
check "is answered" heard alice "^request ANSWER /session/$id"
kill -TERM "$(cat "$T/switch.pid")"
check "SIGTERM closes the call port" \
    wait_for 5 metric_is 'rp_gate_closed{reason="draining"}' 1
connects call
is $? 7 "which refuses connections"
check "the answer port stays" connects answer
say alice "INITIATE /session/bob body=offer"
check "a new call: 503 draining" heard alice '^response 503 draining'
say alice "INFO /session/$id body=still-here"
check "the running one goes on" heard bob 'INFO .* still-here$'
bye bob
talk bob2 bob answer
say bob2 "RESUME /session/$id"
check "and can be resumed" heard bob2 '^response 200'
check "the switch runs" running switch
for old in $(curl -sS "http://$(address metrics)/metrics" |
    sed -n 's/^rp_calls_active //p'); do
	like "$old" '^[12]$' "while there is a call"
done
say bob2 "HANGUP /session/$id"
check "alice is told" heard alice "^request HANGUP /session/$id hung-up"
# Carol's call still rings.
carol=$(rp-drain --socket "$T/switch.d/control" --status --json |
    jq -r '.sessions[0].session')
ask_port=answer
is "$(ask alice HANGUP "/session/$carol")" 200 "the last call is hung up"
ask_port=call
join switch
is $? 0 "and the switch exits 0"

# A second SIGTERM does not wait.
write_conf "exec $T/pusher $T"
start_configured
ask alice INITIATE /session/bob --data offer >/dev/null
kill -TERM "$(cat "$T/switch.pid")"
check "a call is left" wait_for 5 grep -q event=signal "$T/switch.err"
check "the switch waits for it" running switch
kill -TERM "$(cat "$T/switch.pid")"
join switch
is $? 0 "a second SIGTERM ends it"

# What keeps it from starting: one line that says why, and exit 1.
fails() {
	rp_name=$1
	rp_regex=$2
	shift 2
	"$@" >"$T/out" 2>"$T/err" </dev/null
	is $? 1 "$rp_name: exit 1"
	like "$(grep -v '^time=' "$T/err")" "^rp-switchd: $rp_regex" \
	    "$rp_name: and why"
}
fails "no configuration" "/nonexistent" rp-switchd -c /nonexistent
write_conf "" 'max_calls = "many";'
fails "a wrong type" ".*switch.conf:[0-9]+: max_calls" \
    rp-switchd -c "$T/switch.conf"
fails "-t says so too" ".*switch.conf:[0-9]+: max_calls" \
    rp-switchd -t -c "$T/switch.conf"
write_conf ""
check "-t of a good one" rp-switchd -t -c "$T/switch.conf"
sed -i 's/sqlite:/mysql:/' "$T/switch.conf"
fails "a directory that means nothing" ".*switch.conf:5: directory: " rp-switchd -c "$T/switch.conf"
write_conf ""
start_configured
sed -i "s/^call = .*/call = { listen = \"$(address call)\"; };/" \
    "$T/switch.conf"
fails "a port in use" "listen: 127.0.0.1:[0-9]*: Address already in use" \
    rp-switchd -c "$T/switch.conf"
stop switch
write_conf ""
cp "$T/switch.d/ca.pem" "$T/switch.d/other.pem"
sed -i 's/cert.pem/other.pem/' "$T/switch.conf"
fails "a certificate of another key" ".*switch.conf:4: tls.certificate: " rp-switchd -c "$T/switch.conf"
fails "an argument too many" "bob: " rp-switchd bob
fails "--dev with -c" "--dev: " rp-switchd --dev "$T/x" -c y
fails "--dev on no address" "--listen: " rp-switchd --dev "$T/x" --listen y
finish
