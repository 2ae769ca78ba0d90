#!/bin/sh
# Three calls run while the configuration is broken in one way after another,
# each time followed by SIGHUP or rp-drain --reload in turns. Each reload is
# refused with file, line and reason in the log. The calls go on: nobody
# connects again, and no packet is missed. The first good file is taken over.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
write_conf "rp-pushsend --dev"
start_configured
cp "$T/switch.conf" "$T/good.conf"
for who in carol dave erin frank; do
	rp-users --db "sqlite:$T/switch.d/rp.db" add $who \
	    --token-file "$T/switch.d/$who.token"
	sed "s/alice/$who/g; s/^token = .*/token_file = \"$who.token\";/" \
	    "$T/switch.d/alice.conf" >"$T/switch.d/$who.conf"
done
call() {
	sed -i "s|^switch = .*|switch = \"$(address call)\";|" \
	    "$T/switch.d/$1.conf" "$T/switch.d/$2.conf"
	start "$2" rp-dial --account "$T/switch.d/$2.conf" --answer --echo \
	    --once --ready-file "$T/$2.ready"
	wait_for 10 test -s "$T/$2.ready"
	start "$1" rp-dial --account "$T/switch.d/$1.conf" --duration 600 \
	    --json "$T/$1.json" "$2"
}
call alice bob
call carol dave
call erin frank
running_calls() {
	[ "$(rp-drain --status --json --socket "$T/switch.d/control" |
	    jq '[.sessions[] | select(.state == "answered")] | length')" = 3 ]
}
check "three calls run" wait_for 10 running_calls
media_mark
check "and are heard" wait_for 10 media_grows 10

# broken WHY: a reload is refused for that reason, by the one way or the other.
n=0
broken() {
	n=$((n + 1))
	if [ $((n % 2)) = 0 ]; then
		timeout 20 rp-drain --socket "$T/switch.d/control" --reload \
		    2>/dev/null
		rp_status=$?
	else
		kill -HUP "$(cat "$T/switch.pid")"
		rp_status=1
	fi
	wait_for 10 refusals $n
	like "$rp_status $(grep 'event=reload why=' "$T/switch.err" |
	    tail -n 1 | sed "s|$T/||g")" "^1 .*why=\"$1" "$n: $1"
	rm -rf "$T/switch.conf"
	cp "$T/good.conf" "$T/switch.conf"
}
refusals() {
	[ "$(grep -c 'event=reload why=' "$T/switch.err")" = "$1" ]
}
# with N TEXT WHY: with this line in the place of that one.
with() {
	rp_row=$2 awk -v n="$1" '{ print NR == n ? ENVIRON["rp_row"] : $0 }' \
	    "$T/good.conf" >"$T/switch.conf"
	broken "switch.conf:$1: $3"
}

mkdir "$T/folder"
mkfifo "$T/fifo"
: >"$T/empty"
printf '\n\nx = "\n' >"$T/open-string"
printf '\0' >"$T/nul"
rm "$T/switch.conf"
broken "switch.conf: No such file"
rm "$T/switch.conf"
mkdir "$T/switch.conf"
broken "switch.conf: Is a directory"
ln -sf "$T/fifo" "$T/switch.conf"
broken "switch.conf: Not a regular file"
with 3 '@include "folder"' "@include .folder.: Is a directory"
with 3 '@include "fifo"' "@include .fifo.: Not a regular file"
with 3 '@include "none"' "@include .none.: No such file"
with 3 '@include "switch.conf"' "@include: the file includes itself"
printf '@include "open-string"\n' >"$T/switch.conf"
broken "open-string:3: unterminated string"
printf '@include "nul"\n' >"$T/switch.conf"
broken "nul:1: holds a NUL byte"
with 2 'call = };' "syntax error"
with 2 'max_cals = 7;' "max_cals: no such key"
with 2 'foo: { };' "foo: no such group"
with 2 'max_calls = "many";' "max_calls: wants a whole number"
with 2 'max_calls = 99999999999999999999;' "max_calls: "
with 2 'name = "x";' "duplicate setting name"
with 1 'name = "a..b";' "name: wants a host name"
with 2 'call = { listen = "127.0.0.1:99999"; };' "call.listen: invalid"
with 3 'answer = { listen = [ "127.0.0.1:7", "127.0.0.1:7" ]; };' \
    "answer.listen: 127.0.0.1:7 is taken by answer.listen"
with 4 'tls = { certificate = "empty"; key = "switch.d/key.pem"; };' "tls"
with 4 'tls = { certificate = "switch.d/cert.pem"; key = "fifo"; };' \
    "tls.key: fifo: Not a regular file"
with 4 'tls = { certificate = "switch.d/key.pem"; key = "switch.d/cert.pem"; };' \
    "tls"
with 5 'directory = "mysql://x";' "directory: wants sqlite:PATH"
with 6 'control = "none/control";' "control: none: No such file"
with 7 'push = { public_key = "nonsense"; };' "push.public_key: "
with 8 'relay = { secret_file = "empty"; };' "relay.secret_file: empty: is em"
with 8 'relay = { secret_file = "fifo"; };' "relay.secret_file: fifo: Not a"
with 8 'relay = { external_address = "0.0.0.0"; };' "relay.external_address: "
with 9 'log = { level = "loud"; };' "log.level: wants error"
is "$(metric 'rp_reloads_total{result="failed"}') \
$(metric 'rp_reloads_total{result="ok"}')" "$n 0" "each was counted as failed"

check "the three calls are there" running_calls
media_mark
check "and are still heard" wait_for 10 media_grows 10
sed -i 's|^push = .*|push = { command = "rp-pushsend --dev"; };\nmax_calls = 3;|' \
    "$T/switch.conf"
check "a good file is taken over" rp-drain --socket "$T/switch.d/control" \
    --reload
check "as the full switch shows" sh -c "rp-drain --status --socket \
    '$T/switch.d/control' | grep -q full"
is "$(grep -c event=call_ended "$T/switch.err")" 0 "no call has ended"
for who in alice carol erin; do
	kill -INT "$(cat "$T/$who.pid")"
	join $who
	is "$? $(jq -c '[.end_reason, .media.loss_pct <= 0.5]' \
	    "$T/$who.json")" '0 ["completed",true]' "$who's call: nothing was lost"
done
is "$(grep -c event=ready "$T/switch.err")" 1 "by one and the same switch"
finish
