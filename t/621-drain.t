#!/bin/sh
# rp-drain with running calls. The port answers RST at once while their media
# flows on. rp-drain waits until they end, and a second run joins the first. A
# request to a missing switch, or to another program, fails at once.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

start_switch switch
socket=$T/switch.d/control
drain() {
	rp-drain --socket "$socket" "$@"
}
connects() {
	curl -sS -o /dev/null --cacert "$T/switch.d/ca.pem" --max-time 30 \
	    "https://$(address call)/keepalive" 2>/dev/null
}

# call NAME SECONDS: alice talks to bob for so long, with packets counted.
call() {
	start "$1.bob" rp-dial --account "$T/switch.d/bob.conf" --answer \
	    --echo --once --ready-file "$T/$1.ready"
	wait_for 10 test -s "$T/$1.ready"
	start "$1" rp-dial --account "$T/switch.d/alice.conf" \
	    --duration "$2" --json "$T/$1.json" bob
	wait_for 10 sh -c "rp-drain --socket $socket --status --json |
	    jq -e '.sessions[] | select(.state == \"answered\")'"
}

like "$(drain --status)" 'new calls: taken' "--status"
is "$(drain --status --json | jq -c '[.open, .reasons, .calls, .draining_ms,
    .sessions]')" '[true,[],0,null,[]]' "--status --json"

check "a call runs" call first 120
is "$(drain --status --json | jq -c '[.calls, (.sessions | length),
    (.oldest_ms >= 0)]')" '[1,1,true]' "and is in the status"
start waits rp-drain --socket "$socket"
check "the call port closes" wait_for 5 sh -c '! '"curl -sS -o /dev/null \
    --cacert $T/switch.d/ca.pem https://$(address call)/keepalive"
drain --timeout 0.2 >"$T/second" 2>"$T/second.err"
is $? 2 "a second run, not drained in time: exit 2"
like "$(cat "$T/second.err")" 'not drained in time: 1 call left' "and says so"
check "a third, with --timeout in the past of the drain" sh -c \
    "rp-drain --socket $socket --timeout 0.1; [ \$? = 2 ]"
check "the first waits on" running waits
like "$(drain --status)" 'refused \(draining for [0-9]+s\)' "the status says why"
drain --status >/dev/null
is $? 6 "and its exit status does"
stop first INT
is $? 0 "the call completes"
is "$(jq ".media | .loss_pct <= 0.5 and $flowed" "$T/first.json")" true \
    "and loses nothing"
join waits
is $? 0 "the first run ends with it: exit 0"
like "$(head -n 1 "$T/waits.out")" \
    '^calls=1 oldest_ms=[0-9]+ draining_ms=[0-9]+$' "a line a change"
like "$(tail -n 1 "$T/waits.out")" '^calls=0 ' "to the last"
is "$(wc -l <"$T/waits.out")" 2 "and no more"
join first.bob
check "again: drained already, exit 0" drain
connects
is $? 7 "it stays closed"
check "--undrain" drain --undrain
check "twice is as good as once" drain --undrain
check "new calls are taken" connects
is "$(drain --status --json | jq .draining_ms)" null "as if nothing had been"

# On a terminal.
if command -v script >/dev/null; then
	check "a second call" call second 120
	start live script -qec "rp-drain --socket $socket" /dev/null
	check "a live line" wait_for 5 grep -qE \
	    'draining for [0-9]+s, 1 call left, the oldest' "$T/live.out"
	stop second INT
	join live
	is $? 0 "on a terminal"
	join second.bob
	drain --undrain
else
	skip "terminal" "no script(1)"
fi

# Taken back by somebody else while one waits.
check "a third call" call third 60
rm "$T/waits.out"
start waits rp-drain --socket "$socket"
wait_for 5 test -s "$T/waits.out"
drain --undrain
join waits
is $? 3 "taken back while it waits: exit 3"

# The stragglers are hung up, and the switch ends.
began=$(date +%s%3N)
start waits rp-drain --socket "$socket" --force-after 1 --stop
join waits
is $? 0 "--force-after --stop: exit 0"
is "$(test $(($(date +%s%3N) - began)) -ge 1000 && echo yes)" yes \
    "not before that time"
join switch
is $? 0 "the switch has ended"
like "$(cat "$T/switch.err")" 'event=drain_forced' "it says what it did"
join third
status=$?
like "$status $(jq -r .end_reason "$T/third.json")" '^9 |moved' \
    "the caller hears that the call moved"
stop third.bob

drain >"$T/out" 2>"$T/err"
is $? 4 "no switch: exit 4"
like "$(cat "$T/err")" "^rp-drain: $socket: No such file.*no switch runs there" \
    "and says so"
: >"$T/file"
rp-drain --socket "$T/file" 2>"$T/err"
is $? 1 "a file: exit 1"
start other perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0);
    bind(S, sockaddr_un($ARGV[0])); listen(S, 5);
    while (accept(C, S)) { syswrite C, "220 ready\n" }' "$T/other"
wait_for 5 test -S "$T/other"
rp-drain --socket "$T/other" 2>"$T/err"
is $? 1 "a socket of something else: exit 1"
like "$(cat "$T/err")" 'an invalid answer: is it an' "and says so"
stop other
for arguments in "x" "--timeout x" "--timeout -1" "--json" \
    "--status --undrain" "--status --stop" "--undrain --timeout 1"; do
	# shellcheck disable=SC2086
	drain $arguments >"$T/out" 2>&1
	is $? 1 "usage: $arguments"
done
finish
