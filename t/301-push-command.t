#!/bin/sh
# The provider "command", and the rules for every provider: results in the order
# of completion, duplicates, topics, back-pressure, the end of input, signals,
# and an output that cannot be written.
. "$(dirname "$0")/lib.sh"

command -v jq >/dev/null || skip_all "no jq"

# The command: does what the payload says, such as to end after so many results.
cat >"$T/act" <<'END'
#!/bin/sh
read -r line
echo "printed by the command"
echo "$line" >>"$1/seen"
what=$(echo "$line" | sed -n 's/.*"do":"\([^"]*\)".*/\1/p')
case $what in
after*)
	until [ "$(wc -l <"$1/out")" -ge "${what#after}" ]; do sleep 0.05; done
	;;
sleep*) sleep "${what#sleep}" ;;
hang) sleep 600 & echo $! >"$1/sleeper"; wait ;;
exit*) exit "${what#exit}" ;;
kill) kill -KILL $$ ;;
once) [ -e "$1/once" ] || { : >"$1/once"; exit 75; } ;;
esac
END
chmod 755 "$T/act"
conf() {
	printf 'command: { run = [ "%s", "%s" ]; in_flight = %s; };\n' \
	    "$T/act" "$T" "${1:-4}"
	printf '%s\n' "${2:-}"
}
conf >"$T/conf"

# request ID DO [MORE]
request() {
	printf '{"id":"%s","type":"command","to":{"n":"%s"},' "$1" "$1"
	printf '"payload":{"do":"%s"}%s}\n' "$2" "${3-}"
}

{
	request slow after6
	request ok none
	request gone exit67
	request later exit75 ',"deadline_ms":700'
	request bad exit1
	request killed kill
	request once once
} >"$T/in"
rp-pushsend -c "$T/conf" <"$T/in" >"$T/out" 2>"$T/err"
is $? 0 "the end of input is a success"
is "$(jq -r '"\(.id) \(.status)"' "$T/out" | sort | xargs)" \
    "bad failed gone gone killed failed later retry ok sent once sent slow sent" \
    "the exit status says what became of it"
is "$(jq -r .id "$T/out" | tail -n 1)" slow "results in the order of ending"
is "$(jq -r 'select(.id == "once").attempts' "$T/out")" 2 \
    "EX_TEMPFAIL is tried again"
is "$(grep -c printed "$T/err")" "$(wc -l <"$T/seen")" \
    "what it prints goes to standard error, not among the results"
is "$(grep '"slow"' "$T/seen" | jq -c '[.id, .type, .to, .payload, .ttl]')" \
    '["slow","command",{"n":"slow"},{"do":"after6"},30]' \
    "the request is on its standard input"

conf 4 'attempt_ms = 1500;' >"$T/quick.conf"
request hang hang ',"deadline_ms":2000' | rp-pushsend -c "$T/quick.conf" \
    >"$T/out" 2>/dev/null
is "$(jq -r .status "$T/out")" retry "one that hangs is killed"
check "with its children" sh -c "test -s '$T/sleeper' &&
    ! grep -q '^State:[^Z]*$' /proc/$(cat "$T/sleeper")/status"

# Duplicates and topics. One at a time, so that the others wait.
conf 1 >"$T/one.conf"
: >"$T/seen"
{
	request first sleep1
	request twin none
	request twin none
	request call none ',"topic":"call"'
	printf '{"id":"cancel","type":"command","to":{"n":"call"},'
	printf '"payload":{"do":"none","kind":"cancel"},"topic":"call"}\n'
} | rp-pushsend -c "$T/one.conf" >"$T/out" 2>/dev/null
is "$(jq -r 'select(.id == "twin").status' "$T/out" | xargs)" "sent sent" \
    "a duplicate has a result of its own"
is "$(grep -c '"twin"' "$T/seen")" 1 "and one push"
is "$(jq -r 'select(.id == "call") | "\(.status) \(.reason)"' "$T/out")" \
    "retry superseded" "a later request takes the place of one that waits"
is "$(grep -c '"cancel"' "$T/seen")" 1 "and is pushed itself"
is "$(wc -l <"$T/out")" 5 "five requests, five results"

# Back-pressure: with room for two, no more than that is taken.
conf 1 'queue = 2; drain_ms = 200;' >"$T/small.conf"
mkfifo "$T/fifo"
start small sh -c "exec rp-pushsend -c '$T/small.conf' <'$T/fifo'"
i=0
{
	while [ $i -lt 8000 ]; do
		request "n$i" sleep0.5
		i=$((i + 1))
		echo $i >>"$T/written"
	done
} >"$T/fifo" &
writer=$!
wait_for 5 test -s "$T/small.out"
overrun() {
	[ "$(wc -l <"$T/written")" -ge 4000 ]
}
check "input waits while the queue is full" never 0.2 overrun
kill -TERM "$(cat "$T/small.pid")"
join small
is $? 0 "SIGTERM is a success, in bounded time"
kill $writer 2>/dev/null
wait $writer 2>/dev/null
check "what was read has its result" sh -c \
    "jq -r .reason '$T/small.out' | tail -n 1 | grep -q stopping"
is "$(jq -r .id "$T/small.out" | sort | uniq -d)" "" "once each"

request long sleep30 >"$T/in"
mkfifo "$T/half"
start half sh -c "exec rp-pushsend -c '$T/conf' <'$T/half'"
exec 9>"$T/half"
printf '%s\n{"id":"half"' "$(request whole none)" >&9
wait_for 5 test -s "$T/half.out"
stop half
is "$? $(jq -r '"\(.id) \(.status)"' "$T/half.out")" "0 whole sent" \
    "half a line is not a request"
exec 9>&-

start busy sh -c "exec rp-pushsend -c '$T/conf' <'$T/in'"
wait_for 5 grep -q long "$T/seen"
kill -TERM "$(cat "$T/busy.pid")"
wait_for 5 grep -q stopping "$T/busy.err"
kill -TERM "$(cat "$T/busy.pid")"
join busy
is "$? $(jq -r '"\(.id) \(.status)"' "$T/busy.out")" "0 long retry" \
    "a second signal ends the wait"

# An output that cannot be written.
request a none | rp-pushsend -c "$T/conf" >/dev/full 2>"$T/err"
is "$? $(grep -c ^rp-pushsend: "$T/err")" "1 1" \
    "a full disk is one error, exit 1"
like "$(cat "$T/err")" 'standard output: No space left' "which says so"
mkfifo "$T/closed"
{
	wait_for 10 test -e "$T/gone"
	request a none
	wait_for 10 test -e "$T/status"
} | {
	rp-pushsend -c "$T/conf" 2>"$T/err" >"$T/closed"
	echo "$?" >"$T/status"
} &
writer=$!
# Its reader is there for a moment.
: <"$T/closed"
: >"$T/gone"
wait $writer
is "$(cat "$T/status") $(grep -c 'Broken pipe' "$T/err")" "1 1" \
    "a closed output is one error, exit 1"
rp-pushsend -c "$T/conf" <"$T" 2>"$T/err"
is "$? $(grep -c 'standard input' "$T/err")" "1 1" \
    "an input that cannot be read is one error, exit 1"

rp-pushsend -c "$T/conf" <"$T/in" >&- 2>"$T/err"
is "$? $(cat "$T/err")" "1 rp-pushsend: standard output: is closed" \
    "so is one that is not there"

# Wrong configurations: file and line.
wrong() {
	printf '%s\n' "$1" >"$T/bad.conf"
	rp-pushsend -t -c "$T/bad.conf" 2>"$T/err"
	like "$? $(cat "$T/err")" "^1 rp-pushsend: .*$2" "refused: $1"
}
wrong 'webpush: { kye = "x"; };' 'bad.conf:1: webpush.kye: no such key'
wrong 'queue = "many";' 'bad.conf:1: queue: wants a whole number'
wrong 'allow = "10.0.0.1/8";' 'not a block of addresses'
wrong 'webpush: { key = "missing.pem"; };' 'bad.conf:1: webpush.key: No such'
wrong 'command: { run = "/nonexistent"; };' 'bad.conf:1: command.run: /nonexistent: No'
wrong 'log_level = "loud";' 'log_level: wants'
echo hello >"$T/bad.pem"
wrong 'webpush: { key = "bad.pem"; };' 'bad.conf:1: webpush.key: '
: >"$T/empty"
wrong 'sms: { url = "https://sms.example/"; body = "${number}"; secret_file = "empty"; };' \
    'bad.conf:1: sms.secret_file: the first line is empty'

# A secret that others can read is used, with a warning. A new file under a
# temporary name is checked for its folder.
mkdir "$T/etc" "$T/tmp"
(umask 022; echo s3cret-token >"$T/etc/secret")
echo 'sms: { url = "https://sms.example/"; body = "${number}"; secret_file = "secret"; };' \
    >"$T/tmp/new"
like "$(rp-pushsend -t -c "$T/tmp/new" 2>&1)" \
    "new:1: sms.secret_file: No such file" "a file that is elsewhere"
rp-pushsend -t --folder "$T/etc" -c "$T/tmp/new" 2>"$T/err"
is $? 0 "is found with --folder"
like "$(cat "$T/err")" \
    "event=secret_file file=.*/etc/secret. mode=0644 why=.others can read it.$" \
    "and warned of"

finish
