#!/bin/sh
# A device that proves itself by a key begins by its push, too. The proof is in
# its first request, a RING with its answer, and ANSWER right behind it has none. In
# the second call RING is early data, which is signed within the handshake.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/early.sh"

early_switch 'registration = { enabled = true; prefixes = ( "+27" ); };'
d=$T/switch.d
carol=+27215550101
: >"$T/pushes"
mkfifo "$T/keys"
echo 'ca = "ca.pem";' >"$d/carol.conf"
start register sh -c "exec rp-dial --account '$d/carol.conf' --register $carol \
    --switch '$(address call)' <'$T/keys'"
exec 4>"$T/keys"
wait_for 10 grep -q '"code"' "$T/pushes" || give_up "a code" "$T/register.err"
jq -r 'select(.type == "sms") | .payload.code' "$T/pushes" >&4
exec 4>&-
join register
like "$(cat "$d/carol.conf")" "^key = " "carol has a key"

# calls NAME: alice calls her.
calls() {
	check "$1" rp-dial --account "$d/alice.conf" --duration 0.3 "$carol"
}
cp "$d/carol.conf" "$d/bob.conf"
bob_waits --echo
calls "a call completes"
check "she began by the push" begun 1
is "$(bobs 1 '.timing_ms | .answer <= .initiate')" true \
    "and answered before RING was answered"
calls "a second call completes"
check "she began by the push" begun 2
is "$(bobs 2 '.switch.early, .end_reason' | xargs)" "true completed" \
    "RING was early data"
stop bob
finish
