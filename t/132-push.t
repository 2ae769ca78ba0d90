#!/bin/sh
# Waking devices through push.command. A child that dies with a request is
# restarted after a backoff, and the request is not lost. The test covers the
# meaning of each result, a child that never answers, a plain pipe in the
# child's place, and a pipe whose reader is gone.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers

# A child that ends at its first request, and says nothing.
cat >"$T/mortal" <<EOT
#!/bin/sh
if [ ! -e "$T/died" ]; then
	read -r line
	: >"$T/died"
	exit 7
fi
exec "$T/pusher" "$T"
EOT
chmod +x "$T/mortal"
write_conf "exec $T/mortal"
# No repeat: what comes again comes for the child's sake.
sed -i 's/repeat_ms = 300/repeat_ms = 60000/' "$T/switch.conf"
start_configured
wakeable bob
is "$(ask alice INITIATE /session/bob --data offer)" 200 "INITIATE"
id=$(jq -r .sessionId "$T/body")
check "the child dies of it" wait_for 5 test -e "$T/died"
check "the next one gets the request" \
    wait_for 5 grep -q "$id" "$T/pushes"
like "$(grep push_child_ended "$T/switch.err")" 'exit=7 restart_ms=(1[0-9][0-9]|200)$' \
    "it was started again soon"
is "$(metric rp_push_restarts_total)" 1 "and counted"
ask bob HANGUP "/session/$id" >/dev/null

# Killed in the middle of a call's ringing, before it has said a word.
: >"$T/pushes"
pusher_says -
ask alice INITIATE /session/bob --data offer >/dev/null
id=$(jq -r .sessionId "$T/body")
check "ringing" wait_for 5 grep -q "$id" "$T/pushes"
child=$(push_child switch)
kill -KILL "$child"
check "killed: the next one rings on" wait_for 5 pushed_more 1
is "$(pushed .id | sort -u)" "$id.0" "under the same id"
ask bob HANGUP "/session/$id" >/dev/null
pusher_says sent
: >"$T/pushes"
ask alice INITIATE /session/bob --data offer >/dev/null
id=$(jq -r .sessionId "$T/body")
check "sent" wait_for 5 metric_is 'rp_push_results_total{status="sent"}' 2
child=$(push_child switch)
kill -KILL "$child"
check "killed after that" wait_for 5 metric_is rp_push_restarts_total 3
check "it is not sent twice" never 0.3 pushed_more 1 "select(.id |
    startswith(\"$id\")).id"

# What results mean.
sed -i 's/repeat_ms = 60000/repeat_ms = 300/' "$T/switch.conf"
kill -HUP "$(cat "$T/switch.pid")"
check "reloaded" wait_for 5 metric_is 'rp_reloads_total{result="ok"}' 1
ask bob HANGUP "/session/$id" >/dev/null
ask alice INITIATE /session/bob --data offer >/dev/null
id=$(jq -r .sessionId "$T/body")
talk alice alice
say alice "RESUME /session/$id"
pusher_says gone
check "gone: nobody can be woken, and alice hears it" \
    heard alice "^request HANGUP /session/$id unreachable"
is "$(ask alice INITIATE /session/bob --data offer)" "480 unreachable" \
    "the token is removed: 480 at once"
is "$(ask alice RESUME "/session/$id")" "410 unreachable" "and 410 says so"
wakeable bob
pusher_says failed
say alice "INITIATE /session/bob body=offer"
check "failed: alice hears it" wait_for 5 sh -c \
    "[ \$(grep -c 'HANGUP .* unreachable' $T/alice.out) = 2 ]"
is "$(ask alice INITIATE /session/bob --data offer)" "200" \
    "but the token is kept"
pusher_says retry
: >"$T/pushes"
say alice "INITIATE /session/bob body=offer"
check "retry: it is tried on" wait_for 5 sh -c \
    "[ \$(wc -l <$T/pushes) -ge 3 ]"
check "results are counted" \
    metric_least 'rp_push_results_total{status="gone"}' 1
stop switch KILL
bye alice

# An SMS is sent once: each costs, and is one more to read.
pusher_says sent
: >"$T/pushes"
write_conf "exec $T/pusher $T"
start_configured
rp-users --db "sqlite:$T/switch.d/rp.db" add +27215551234 \
    >"$T/switch.d/+27215551234.token"
is "$(ask +27215551234 PUT /push \
    --data '{"type":"sms","to":{"number":"+27215551234"}}')" \
    204 "a telephone is woken by SMS"
ask alice INITIATE /session/+27215551234 --data offer >/dev/null
check "which is sent" wait_for 5 test -s "$T/pushes"
check "once" never 1 pushed_more 1
stop switch KILL
# A child that dies with the request may have sent it.
: >"$T/pushes"
write_conf "exec head -n 1 >>$T/pushes"
start_configured
ask alice INITIATE /session/+27215551234 --data offer >/dev/null
check "a child takes one and ends" wait_for 5 test -s "$T/pushes"
check "another one comes" wait_for 5 grep -q push_child_ended "$T/switch.err"
check "and an SMS is not written again" never 1 pushed_more 1
stop switch KILL
# A child that takes requests and never says a word.
pusher_says -
: >"$T/pushes"
write_conf "exec $T/pusher $T"
start_configured
wakeable bob
is "$(ask alice INITIATE /session/bob --data offer)" 200 "INITIATE"
id=$(jq -r .sessionId "$T/body")
check "silence: rings are repeated, if less often" wait_for 5 sh -c \
    "[ \$(wc -l <$T/pushes) -ge 2 ]"
ask alice HANGUP "/session/$id" >/dev/null
check "and taken back" wait_for 5 grep -q '"cancel"' "$T/pushes"

# A child that cannot be run at all does not stop the switch.
stop switch
write_conf "exec /nonexistent/pushsend"
start_configured
is "$(ask alice INITIATE /session/bob --data offer)" 200 \
    "no child: the call waits for one"
id=$(jq -r .sessionId "$T/body")
check "which is tried again" wait_for 5 sh -c \
    "[ \$(grep -c push_child_ended $T/switch.err) -ge 2 ]"
ask alice HANGUP "/session/$id" >/dev/null
is "$(metric rp_push_rings)" 0 "nobody is woken for a call that is over"
stop switch

# A plain pipe, results through another.
pusher_says sent
: >"$T/pushes"
write_conf ""
mkfifo "$T/results"
rm -f "$T/switch.ready"
start pipe sh -c "rp-switchd -c '$T/switch.conf' --ready-file \
    '$T/switch.ready' <'$T/results' 2>'$T/switch.err' |
    '$T/pusher' '$T' >'$T/results'"
check "a switch in a pipe starts" wait_for 10 test -s "$T/switch.ready"
is "$(ask alice INITIATE /session/bob --data offer)" 200 "INITIATE"
id=$(jq -r .sessionId "$T/body")
check "its request goes through the pipe" \
    wait_for 5 grep -q "$id" "$T/pushes"
check "and the result comes back" \
    wait_for 5 metric_least 'rp_push_results_total{status="sent"}' 1
ask bob HANGUP "/session/$id" >/dev/null
echo garbage >"$T/results"
check "a result that is none is counted" \
    wait_for 5 metric_is rp_push_malformed_total 1
pusher=$(pgrep -f "$T/pusher $T" | head -1)
kill -KILL "$pusher"
ask alice INITIATE /session/bob --data offer >/dev/null
check "its reader gone, nobody can be woken" wait_for 5 sh -c \
    "grep -q push_output_gone $T/switch.err"
is "$(ask alice INITIATE /session/bob --data offer)" "480 unreachable" \
    "480 at once"
is "$(ask alice GET /keepalive)" 200 "but the switch runs on"
kill "$(pgrep -f "rp-switchd -c $T/switch.conf" | tail -1)" 2>/dev/null
join pipe
finish
