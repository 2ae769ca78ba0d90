#!/bin/sh
# "Why does her phone not ring?" rp-users push sends a test through the sender
# that the switch uses. It prints what the push service said to each device, and
# the directory keeps that. The exit status tells whether any was sent. Neither a
# sender that is broken nor one that says nothing holds up the operator.
. "$(dirname "$0")/lib.sh"
. "$RP_SRC/t/push/push.sh"

start_service push webpush
port=$(service_port push)
key=$(cat "$T/push.d/receiver.json")
cat >"$T/pushsend.conf" <<END
allow = [ "127.0.0.0/8" ];
ca_file = "cert.pem";
END
cat >"$T/switch.conf" <<END
directory = "sqlite:rp.db";
push: { command = "exec rp-pushsend -c $T/pushsend.conf"; };
relay: { secret = "not-looked-at"; };
END
users() {
	rp-users --config "$T/switch.conf" "$@" 2>"$T/err"
}
# device N PATH: a line of an import, of a device that is woken there.
device() {
	printf '{"number": "%s", "token_sha256": "%064x", "push": %s, ' \
	    "$3" "$1" "{\"type\": \"webpush\", \"to\": {\"endpoint\":
	    \"https://127.0.0.1:$port/$2\", \"keys\": $key}}" | tr -d '\n'
	echo '"push_time": "2026-01-02T03:04:05Z"}'
}
{
	device 1 s201/a bob
	device 2 s410/b bob
	device 3 s403/c bob
	printf '{"number": "bob", "token_sha256": "%064x"}\n' 4
	device 5 s404/d carol
} | users import - || give_up "the import" "$T/err"
id() {
	users devices "$1" | sed -n "$2p" | cut -f 1
}

# Through a real sender, to a service that looks at what it gets.
users push bob >"$T/out"
is $? 0 "a push that was sent: exit 0"
is "$(wc -l <"$T/out")" 4 "a line a device"
like "$(sed -n 1p "$T/out")" "^$(id bob 1)	webpush	sent 201" "sent"
like "$(sed -n 2p "$T/out")" "^$(id bob 2)	webpush	gone 410" \
    "gone, and what the service said"
like "$(sed -n 3p "$T/out")" "^$(id bob 3)	webpush	failed 403" "failed"
is "$(sed -n 4p "$T/out")" "$(id bob 4)	-	no push registration" \
    "nothing to push to"
is "$(jq -c .payload "$T/push.d/log" | sort -u)" '{"kind":"test"}' \
    "the payload says that it is a test"
is "$(users devices bob | cut -f 5)" "$(cut -f 3 "$T/out" |
    sed 's/^no push registration$/-/')" "the directory keeps the results"
like "$(users devices bob | sed -n 1p | cut -f 6)" "^$(date -u +%Y)-.*Z\$" \
    "and when"
is "$(users list bob)" "bob	4	webpush,webpush,webpush,-" \
    "registrations stay"

is "$(users push bob "$(id bob 2)" | cut -f 1)" "$(id bob 2)" \
    "one device, if it is named"
users push carol >"$T/out"
is $? 5 "nothing was sent: exit 5"
like "$(cat "$T/out")" "gone 404" "because"
users push bob "$(id bob 4)" >"$T/out"
is $? 5 "nor to a device without a registration: exit 5"
users push nobody
is $? 3 "no such subscriber: exit 3"
users push bob 00000000aa
is $? 3 "no such device: exit 3"

# Senders that fail.
users push carol --push-command "echo nonsense; exit 7" >"$T/out"
is $? 5 "a sender that ends: exit 5"
like "$(cat "$T/err")" "push command: ended with status 7" "with its status"
is "$(cut -f 2- "$T/out")" "webpush	no result" "and no result"
like "$(users devices carol | cut -f 5)" "gone 404" \
    "the directory keeps the last that there was"
users push carol --push-command "exec $T/no-such-file" >"$T/out"
is $? 5 "one that is not there: exit 5"
users push carol --timeout 0.1 --push-command "echo \$\$ >$T/pid; exec cat >/dev/null" >"$T/out"
is $? 5 "one that says nothing: exit 5, after the time given"
check "it is ended" sh -c "! kill -0 \$(cat $T/pid)"
users push carol --push-command "while read -r line; do
	printf '%020000d\n' 1; echo '{}'
	echo '{\"id\": \"other\", \"status\": \"sent\"}'
	id=\${line#*\\\"id\\\":\\\"}
	echo \"{\\\"id\\\": \\\"\${id%%\\\"*}\\\", \\\"status\\\": \\\"sent\\\"}\"
    done" >"$T/out"
is $? 0 "one that says more than asked: exit 0"
is "$(cut -f 3 "$T/out")" sent "its result is found among that"
rp-users --db "sqlite:$T/rp.db" push carol 2>"$T/err"
is $? 1 "no command is known: exit 1"
like "$(cat "$T/err")" "wants --push-command" "with a line"

# A device takes it for what it is.
start_switch dev
start bob rp-dial --account "$T/dev.d/bob.conf" --answer --echo \
    --ready-file "$T/bob.ready"
wait_for 20 test -s "$T/bob.ready"
like "$(rp-users --db "sqlite:$T/dev.d/rp.db" push bob \
    --push-command "exec rp-pushsend --dev")" "	sent 20" \
    "rp-dial --answer gets it"
check "rings no more than before" \
    rp-dial --account "$T/dev.d/alice.conf" --duration 0.5 bob
is "$(grep -c push_ignored "$T/bob.err")" 0 "and does not complain"
finish
