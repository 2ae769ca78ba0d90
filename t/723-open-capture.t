#!/bin/sh
# A whole story is captured, from registration to the end of a call, and the
# capture is opened with the secrets of TLS. Where devices have keys, it holds
# nothing by which anybody could log in. Where one has a token, it is found there.
# Runs in a network namespace of its own.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
command -v tcpdump >/dev/null || skip_all "needs tcpdump"
[ "${RP_SANITIZERS:-no}" = no ] || skip_all "the capture is as good as released"
own_network "$0" "$@"

make_subscribers
d=$T/switch.d
carol=+27215550101
dave=+27215550102
cat >"$T/both" <<-S
	#!/bin/sh
	tee -a "$T/pushes" | exec '$(command -v rp-pushsend)' --dev
S
chmod +x "$T/both"
write_conf "exec $T/both" \
    'registration = { enabled = true; prefixes = ( "+27" ); };'
start_configured
sed -i "s|^switch = .*|switch = \"$(address call)\";|" "$d/alice.conf"
export SSLKEYLOGFILE="$T/secrets"

listen_in() {
	start capture tcpdump -i lo -U --immediate-mode -s 0 -w "$T/capture" tcp
	wait_for 10 grep -q listening "$T/capture.err" ||
	    give_up "packets are captured" "$T/capture.err"
}
# opened: the capture so far as text, once it has so many lines of that kind.
opened() {
	"$RP_BUILD/t/tools/tlsopen" "$T/secrets" "$T/capture" >"$T/open" \
	    2>"$T/open.err" && [ "$(grep -c "$1" "$T/open")" -ge "$2" ]
}
# register NAME NUMBER
register() {
	printf 'ca = "ca.pem";\nswitch = "%s";\n' "$(address call)" \
	    >"$d/$1.conf"
	: >"$T/pushes"
	rm -f "$T/typed"
	mkfifo "$T/typed"
	start register sh -c "exec rp-dial --account '$d/$1.conf' --register \
	    $2 --switch '$(address call)' <'$T/typed'"
	exec 4>"$T/typed"
	wait_for 10 grep -q '"code"' "$T/pushes"
	jq -r 'select(.type == "sms") | .payload.code' "$T/pushes" >&4
	exec 4>&-
	join register
	is $? 0 "$1 registers: $(cat "$T/register.err")"
}
calls() {
	rp-dial --account "$d/$1.conf" --duration 0.3 "$carol" 2>"$T/$1.err"
}

listen_in
register carol "$carol"
register dave "$dave"
start carol rp-dial --account "$d/carol.conf" --answer --echo \
    --ready-file "$T/carol.ready"
wait_for 10 test -s "$T/carol.ready" || give_up "carol waits" "$T/carol.err"
check "dave calls" calls dave
check "and again, with early data" calls dave
stop carol
# Two registrations of a push, two calls with two parties each.
check "all is opened" wait_for 10 opened '^Authorization: Device ' 5
like "$(cat "$T/open.err")" 'early=[1-9]' "early data too"
is "$(grep -c '^ANSWER /session/' "$T/open")" 4 \
    "both answers, to the switch and from it"
is "$(grep -ci '^authorization: basic' "$T/open")" 0 "no token is there"
grep -hv -e '^---' "$d"/*.device.pem >"$T/private"
is "$(grep -cFf "$T/private" "$T/open")" 0 "and nothing of a key"

rm -f "$T/carol.ready"
start carol rp-dial --account "$d/carol.conf" --answer --once \
    --ready-file "$T/carol.ready"
wait_for 10 test -s "$T/carol.ready"
check "alice, who has a token, calls" calls alice
join carol
check "and hers is there" wait_for 10 opened \
    "^Authorization: Basic $(printf 'alice:%s' "$(token alice)" |
    base64 -w 0)" 1
stop capture
stop switch
finish
