#!/bin/sh
# What a monitor makes of a test of a relay. --watch prints a line for each
# round until a signal, and sums up. --textfile replaces a file of metrics, in
# which promtool finds no fault. --nagios prints one line and exits as that
# trade's plugins do, for mistakes too. Runs in a network namespace of its own.
. "$(dirname "$0")/lib.sh"
own_network "$0" "$@"
. "$(dirname "$0")/turn.sh"
cd "$T" || exit 1

echo "$TURN_SECRET" >secret
echo south >wrong
start_turnd relay -l 127.0.0.1:0 -T 127.0.0.1:0
url=turn:$(ready relay.ready turn)
tcp="turn:$(ready relay.ready turn_tcp)?transport=tcp"
with="--relay-secret secret --relay-url $url"

# probe ARGUMENT...: leaves out, err and $status.
probe() {
	# shellcheck disable=SC2086
	rp-dial --probe $with "$@" >out 2>err
	status=$?
}
lines() {
	[ "$(wc -l <"$1")" -ge "$2" ]
}

# --watch
when='^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z'
# shellcheck disable=SC2086
start watch rp-dial --probe $with --watch=1 --textfile watch.prom \
    --json watch.jsonl
check "a line for each round, at once" wait_for 10 lines watch.out 2
is "$(grep -cvE "$when ok 1 way works, echo [0-9.]+ ms .*, [0-9]+ of 50 packets$" watch.out)" \
    0 "which says what came back"
check "the metrics appear" test -s watch.prom
stop relay
failed() {
	grep -qE "$when failed 1 of 1 ways fails: udp 127.0.0.1:[0-9]+: closed: " \
	    watch.out
}
check "a relay that ends is told in its round" wait_for 10 failed
check "and in the metrics" wait_for 10 \
    grep -qE '^rp_probe_way_fault\{.*fault="closed"\} 1' watch.prom
stop watch
is $? 12 "a signal ends it with the status of what failed"
like "$(tail -n 1 watch.err)" \
    "^rp-dial: --watch: [0-9]+ rounds, [1-9][0-9]* failed, echo [0-9.]+ ms .*, [0-9]+ of [0-9]+ packets$" \
    "and with a summary"
is "$(jq -cs 'map([has("time"), .end_reason, (.relay.ways | length)]) | unique' watch.jsonl)" \
    '[[true,"completed",1],[true,"relay",1]]' "each round is a line of JSON"

start_turnd relay2 -l 127.0.0.1:0 -T 127.0.0.1:0
url=turn:$(ready relay2.ready turn)
tcp="turn:$(ready relay2.ready turn_tcp)?transport=tcp"
with="--relay-secret secret --relay-url $url"
# shellcheck disable=SC2086
start lines rp-dial --probe $with --watch --json -
check "the first round is at once" wait_for 10 lines lines.out 1
stop lines INT
is "$? $(jq -r .end_reason lines.out)" "0 completed" \
    "JSON on standard output takes the place of the text"
mkfifo gone
# shellcheck disable=SC2086
start gone sh -c 'exec "$@" >gone' sh rp-dial --probe $with --watch=1
head -n 1 gone >/dev/null
join gone
is $? 1 "a reader that goes away ends it with status 1"
like "$(cat gone.err)" "^rp-dial: standard output: Broken pipe" "and why"

# --textfile
probe --relay-url "$tcp" --textfile relay.prom --json both.json
is "$status $(jq -r .end_reason both.json)" "0 completed" "all outputs at once"
is "$(sed -nE 's/^(rp_probe_way_success)\{server="127[^"]*",transport="([a-z]*)",family="ipv4"\} 1$/\2/p' relay.prom | xargs)" \
    "udp tcp" "each way has its labels"
like "$(cat relay.prom)" "^rp_probe_success 1$" "and the whole its result"
is "$(stat -c %a relay.prom)" 644 "a collector can read it"
ln relay.prom old.prom
probe --relay-url turn:127.0.0.1:9 --textfile relay.prom
is "$status" 12 "a relay that fails: exit status 12"
is "$(stat -c %h old.prom)" 1 "the file is replaced, not written over"
if command -v promtool >/dev/null; then
	for file in relay.prom old.prom watch.prom; do
		is "$(promtool check metrics <$file 2>&1)" "" \
		    "promtool check metrics: $file"
	done
else
	skip "promtool check metrics" "not installed"
fi
probe --textfile /nosuch/relay.prom
is "$status" 1 "a file that cannot be written: exit status 1"
like "$(cat err)" "^rp-dial: /nosuch/relay.prom: No such file" "and why"

# --nagios
# plugin NAME ARGUMENT...: in the background; said waits for it.
plugin() {
	rp_plugin=$1
	shift
	# shellcheck disable=SC2086
	start "$rp_plugin" rp-dial --probe --nagios $with "$@"
}
# said NAME STATUS REGEX
said() {
	join "$1"
	is "$? $(wc -l <"$1.out")" "$2 1" "--nagios, $1: status $2"
	like "$(cat "$1.out")" "^RELAY $3" "and its line"
}
figures='\| rtt=[0-9.]+ms;;;0 rtt_max=[0-9.]+ms;;;0 allocate=[0-9.]+ms;;;0 loss=[0-9.]+%;;;0;100$'
plugin ok
plugin warning -w 0 -c 60000,100%
plugin critical --critical 0
plugin half --relay-url turn:127.0.0.1:9
plugin url --relay-url turn:a:b:c
plugin limit -w 1x
plugin option --nosuch
with="--relay-secret wrong --relay-url $url"
plugin refused
with="--relay-secret nosuch --relay-url $url"
plugin file
with="--relay --switch 127.0.0.1:9 --account account.conf"
(umask 077 && printf 'number = "a"; token = "b";\n' >account.conf)
plugin switch
said ok 0 "OK - 1 way works, .*packets $figures"
is "$(cat ok.err)" "" "and nothing on standard error"
said warning 1 "WARNING - .* rtt=[0-9.]+ms;0;60000;0 "
said critical 2 "CRITICAL - .* rtt=[0-9.]+ms;;0;0 "
said half 2 "CRITICAL - 1 of 2 ways fails: udp 127.0.0.1:9: closed: "
said refused 2 "CRITICAL - .*: secret: the relay does not take"
said switch 2 "CRITICAL - 127.0.0.1: no switch reachable: "
said url 3 "UNKNOWN - turn:a:b:c: wants "
said limit 3 "UNKNOWN - -w: wants MS or MS,LOSS%"
said option 3 "UNKNOWN - --nosuch: no such option"
said file 3 "UNKNOWN - nosuch: No such file"
is "$(cat file.err)" "rp-dial: nosuch: No such file or directory" \
    "a mistake is on standard error too"

# What does not go together.
# mistake REGEX ARGUMENT...
mistake() {
	rp_regex=$1
	shift
	probe "$@"
	is "$status" 1 "a mistake: $*"
	like "$(cat err)" "^rp-dial: $rp_regex" "and which"
}
with="--relay-secret secret --relay-url $url"
mistake '--watch: wants a number' --watch=0
mistake '--textfile: standard output is already used' --textfile - --json -
mistake '-w and -c: go with --nagios' -w 1
with=
mistake '--watch: goes with --relay-url' --watch
mistake '--textfile: goes with' --textfile x
finish
