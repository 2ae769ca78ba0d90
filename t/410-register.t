#!/bin/sh
# rp-dial --register. A code is sent to the number and typed in, and the new
# account can call and be called. Wrong codes, a switch that does not register
# anybody, and a file that has a number already each give an exit code and a
# line.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
d=$T/switch.d
carol=+27215550101
# The pushes go to a pusher that writes them down, and to the real one.
cat >"$T/both" <<-S
	#!/bin/sh
	tee -a "$T/pushes" | exec '$(command -v rp-pushsend)' --dev
S
chmod +x "$T/both"
write_conf "exec $T/both"
start_configured

# fails STATUS REGEX NAME COMMAND...: exits so, with one line.
fails() {
	want=$1 regex=$2 name=$3
	shift 3
	"$@" </dev/null >"$T/out" 2>"$T/err"
	is $? "$want" "$name: exit $want"
	like "$(cat "$T/err")" "^rp-dial: [^:]+: .*$regex" "$name: what to do"
}
register() {
	rp-dial --account "$d/$1.conf" --register "$2" \
	    --switch "localhost:$(port "$(address call)")"
}

echo 'ca = "ca.pem";' >"$d/carol.conf"
fails 1 "404 Not Found: no-registration" "a switch that registers nobody" \
    register carol "$carol"
stop switch
write_conf "exec $T/both" \
    'registration = { enabled = true; prefixes = ( "+27" ); };'
start_configured

fails 1 "no code" "nobody types the code" register carol "$carol"
fails 1 "has a number already" "an account that has a number" \
    register alice "$carol"
fails 10 "certificate is not trusted" "an unknown authority" \
    register nowhere "$carol"
fails 1 "invalid number" "no number" register carol "a b"
fails 1 "403 Forbidden: prefix" "a country that is not served" \
    register carol +447700900123
fails 1 "400 Bad Request: bad-number" "a name" register carol carol

# The code, as the person reads it on the phone.
: >"$T/pushes"
mkfifo "$T/keys"
start register sh -c "exec rp-dial --account '$d/carol.conf' --register $carol \
    --switch localhost:$(port "$(address call)") <'$T/keys'"
exec 4>"$T/keys"
check "a code is sent" wait_for 10 grep -q '"code"' "$T/pushes"
code=$(jq -r 'select(.type == "sms") | .payload.code' "$T/pushes" | tail -n 1)
like "$code" '^[0-9]{6}$' "of six digits"
echo "$code" >&4
exec 4>&-
join register
is $? 0 "with it carol is a subscriber"
is "$(stat -c %a "$d/carol.conf")" 600 "whose account nobody else may read"
is "$(grep ^number "$d/carol.conf")" "number = \"$carol\";" "with her number"
like "$(cat "$d/carol.conf")" '^ca = "ca.pem";$' "and what it said before"
is "$(grep -c '^token' "$d/carol.conf")" 0 "no token"
like "$(cat "$d/carol.conf")" "^key = \"[$carol]+.device.pem\";$" "and a key"
is "$(stat -c %a "$d/$carol.device.pem")" 600 "which nobody else may read"

# She is called, and calls.
sed -i "s/^switch = .*/switch = \"$(address call)\";/" "$d/alice.conf"
start carol rp-dial --account "$d/carol.conf" --answer --echo --once \
    --ready-file "$T/carol.ready"
check "carol can be woken" wait_for 10 test -s "$T/carol.ready"
check "alice calls carol" \
    rp-dial --account "$d/alice.conf" --duration 1 "$carol"
join carol
is $? 0 "who answers"

echo 'ca = "ca.pem";' >"$d/dave.conf"
echo 000000 | register dave +27215550102 2>"$T/err"
is $? 6 "a wrong code: exit 6"
like "$(cat "$T/err")" "^rp-dial: [+]27215550102: not the code that was sent" \
    "with a line"
is "$(cat "$d/dave.conf")" 'ca = "ca.pem";' "and the file is as it was"

echo 'ca = "ca.pem";' >"$d/erin.conf"
printf '\377\n' | register erin +27215550103 2>"$T/err"
is $? 6 "a code that is not UTF-8: exit 6"
like "$(cat "$T/err")" "^rp-dial: [+]27215550103: not the code that was sent" \
    "with a line"
is "$(cat "$d/erin.conf")" 'ca = "ca.pem";' "and no number is written"
finish
