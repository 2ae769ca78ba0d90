#!/bin/sh
# Waking rp-dial --answer. It says why it cannot tell the switch its push
# address, keeps trying, and can be woken as soon as there is a switch. It
# registers the public URL where one is given. Requests that are not a push for
# it are refused. When it ends, the switch knows at once.
. "$(dirname "$0")/lib.sh"
# Switches leave their port, and come back to it.
own_network "$0" "$@"

start_switch first
d=$T/first.d
call=$(ready "$T/first.ready" call)
stop first

RP_LOG=debug start bob rp-dial --account "$d/bob.conf" --answer --echo \
    --ready-file "$T/bob.ready"
check "no switch yet: bob says so" wait_for 5 grep -q \
    "^rp-dial: 127.0.0.1: cannot be told where to wake us: .*: trying again$" \
    "$T/bob.err"
check "and is not ready" test ! -e "$T/bob.ready"
start switch rp-switchd --dev "$d" --listen "$call" \
    --ready-file "$T/switch.ready"
check "with a switch he is" wait_for 20 test -s "$T/bob.ready"
is "$(grep -c "trying again" "$T/bob.err")" 1 "having said it once"
push=$(ready "$T/bob.ready" push)

# http METHOD PATH [CURL-ARGUMENT...]: the status of a request to bob.
http() {
	method=$1 path=$2
	shift 2
	curl -s -o /dev/null --max-time 5 -w '%{http_code}' -X "$method" "$@" \
	    "http://$push$path"
}
path=$(sqlite3 "$d/rp.db" .dump | grep -oE "http://$push/push/[0-9a-f]{32}" |
    head -n 1)
path=${path#"http://$push"}
like "$path" '^/push/[0-9a-f]{32}$' "the switch knows a secret path"
is "$(http POST / -d x)" 404 "another path"
is "$(http POST "${path%?}g" -d x)" 404 "nearly the path"
is "$(http GET "$path")" 405 "another method"
is "$(http POST "$path" -d x)" 415 "not encrypted"
is "$(http POST "$path" -H 'Content-Encoding: aes128gcm' -d x)" 400 \
    "encrypted for somebody else"
head -c 100000 /dev/zero >"$T/zeros"
like "$(http POST "$path" -H 'Content-Encoding: aes128gcm' \
    --data-binary "@$T/zeros")" "413|000" "too large"
check "bob is still there" \
    rp-dial --account "$d/alice.conf" --duration 0.5 bob

stop bob
is $? 0 "bob ends"
rp-dial --account "$d/alice.conf" bob 2>"$T/alice.err"
is $? 4 "nobody can be woken any more"
like "$(cat "$T/alice.err")" "480" "as the switch says at once"

# Behind something that forwards: the URL is what the switch is told.
start bob rp-dial --account "$d/bob.conf" --answer --once --echo \
    --push-listen 127.0.0.1:0 --push-url "http://localhost:1/bob/" \
    --ready-file "$T/bob2.ready"
check "bob is elsewhere" wait_for 10 test -s "$T/bob2.ready"
like "$(sqlite3 "$d/rp.db" .dump)" "http://localhost:1/bob/[0-9a-f]{32}" \
    "as --push-url says"
stop bob

rp-dial --account "$d/bob.conf" --answer --push-listen 192.0.2.1:1 \
    2>"$T/bob.err"
is $? 1 "an address that is not ours: exit 1"
like "$(cat "$T/bob.err")" "^rp-dial: --push-listen: 192.0.2.1:1: " \
    "with a line"
finish
