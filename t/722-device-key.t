#!/bin/sh
# A device with a key of its own tells nobody a secret. rp-dial --register makes the
# key, and the switch learns its public half. Each login signs the TLS session, so
# that what a switch in the middle hears is of no use at the real one, nor is
# anything in the directory. It costs no round trip: early data is signed as well.
# Tokens can be turned off, and the key goes with its device through an export.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
d=$T/switch.d
carol=+27215550101
cat >"$T/both" <<-S
	#!/bin/sh
	tee -a "$T/pushes" | exec '$(command -v rp-pushsend)' --dev
S
chmod +x "$T/both"
write_conf "exec $T/both" \
    'registration = { enabled = true; prefixes = ( "+27" ); };' \
    'subscribers = { basic = true; };'
start_configured
sed -i "s|^switch = .*|switch = \"$(address call)\";|" "$d/alice.conf" \
    "$d/bob.conf"

# middle NAME: a switch with a certificate that is trusted, between rp-dial and the
# real one.
middle() {
	start "$1" "$RP_BUILD/t/tools/mitm" "$d/cert.pem" "$d/key.pem" \
	    "$d/ca.pem" "$(address call)" "$(printf 'AB:%.0s' $(seq 31))AB" \
	    "$T/$1.ready" "$1"
	check "a switch in the middle: $1" wait_for 10 test -s "$T/$1.ready"
}
# at NAME: its name and port.
at() {
	echo "localhost:$(port "$(ready "$T/$1.ready" call)")"
}
# register NAME NUMBER MIDDLE
register() {
	echo 'ca = "ca.pem";' >"$d/$1.conf"
	: >"$T/pushes"
	rm -f "$T/keys"
	mkfifo "$T/keys"
	start register sh -c "exec rp-dial --account '$d/$1.conf' \
	    --register $2 --switch '$(at "$3")' <'$T/keys'"
	exec 4>"$T/keys"
	check "a code is sent" wait_for 10 grep -q '"code"' "$T/pushes"
	jq -r 'select(.type == "sms") | .payload.code' "$T/pushes" >&4
	exec 4>&-
	join register
	is $? 0 "$1 registers"
	sed -i "s|^switch = .*|switch = \"$(address call)\";|" "$d/$1.conf"
}

# A switch that hears all, and carol registers there, even.
middle tap
register carol "$carol" tap
is "$(grep -c token "$T/tap.out" "$d/carol.conf" | xargs)" \
    "$T/tap.out:0 $d/carol.conf:0" "and has no token"

# A switch that knows no device keys, as that of 0.1.0, is given a token.
middle old
register dave +27215550102 old
is "$(grep -c -e '^token = ' -e '^key' "$d/dave.conf")" 1 "with a token"
stop old

# The story, at the real switch.
start bob rp-dial --account "$d/bob.conf" --answer --echo \
    --ready-file "$T/bob.ready"
wait_for 10 test -s "$T/bob.ready" || give_up "bob waits" "$T/bob.err"
carol_calls() {
	rm -f "$T/carol.json"
	rp-dial --account "$d/carol.conf" --duration 0.3 \
	    --json "$T/carol.json" "$@" bob
}
check "dave calls" rp-dial --account "$d/dave.conf" --duration 0.3 bob
check "carol calls" carol_calls
check "and again" carol_calls
early() {
	carol_calls && jq -e '[.. | .early? // empty] | any' "$T/carol.json"
}
check "with early data, which is signed too" wait_for 5 early
start carol rp-dial --account "$d/carol.conf" --answer --echo --once \
    --ready-file "$T/carol.ready"
check "she can be woken" wait_for 10 test -s "$T/carol.ready"
check "and is called" rp-dial --account "$d/alice.conf" --duration 0.3 "$carol"
join carol
is $? 0 "she answers"

# In the middle.
rm -f "$d/$carol.tickets"
carol_calls --switch "$(at tap)" 2>"$T/err"
is $? 6 "a login through the middle fails: exit 6"
is "$(grep -c -i '^authorization: basic' "$T/tap.out")" 0 "no token went there"
proof=$(tr -d '\r' <"$T/tap.out" | sed -n 's/^Authorization: //p' | tail -n 1)
like "$proof" "^Device number=[+]27215550101, key=.{87}, sig=.{86}$" \
    "but a proof"
# as STATUS NAME CREDENTIALS...: a request with them, by curl.
as() {
	rp_want=$1 rp_what=$2
	shift 2
	is "$(curl -sS -o /dev/null -w '%{http_code}' --cacert "$d/ca.pem" \
	    "$@" "https://$(address call)/switches")" "$rp_want" "$rp_what"
}
as 401 "which proves nothing in another session" -H "Authorization: $proof"
as 401 "nor with a time beside it" -H "Authorization: $proof, time=$(date +%s)"
hash=$(sqlite3 -readonly "$d/rp.db" \
    "SELECT lower(hex(token_hash)) FROM device WHERE number = '$carol'")
as 401 "the directory's hash is no password" -u "$carol:$hash"
as 401 "nor is the key" -u "$carol:$(echo "$proof" |
    sed 's/.*key=\(.\{64\}\).*/\1/')"
as 200 "alice's token is" -u "alice:$(token alice)"

# Tokens are turned off.
sed -i 's/basic = true/basic = false/' "$T/switch.conf"
kill -HUP "$(cat "$T/switch.pid")"
turned_off() {
	curl -sS -o /dev/null -w '%{http_code}' --cacert "$d/ca.pem" \
	    -u "alice:$(token alice)" "https://$(address call)/switches" |
	    grep -q 401
}
wait_for 10 turned_off
as 401 "until tokens are turned off" -u "alice:$(token alice)"
rm -f "$T/carol.ready"
start carol rp-dial --account "$d/carol.conf" --answer --once \
    --ready-file "$T/carol.ready"
check "keys go on" wait_for 10 test -s "$T/carol.ready"
stop carol
stop bob

# Another directory has the device from an export, and forgets it.
db="sqlite:$T/other.db"
rp-users --db "sqlite:$d/rp.db" export >"$T/export" ||
    fail "an export" "$(cat "$T/export")"
rp-users --db "$db" init 2>/dev/null
check "an import" rp-users --db "$db" import "$T/export"
stop switch
sed -i -e "s|^directory = .*|directory = \"$db\";|" "$T/switch.conf"
rm -f "$T/switch.ready" "$T/carol.ready"
start_configured
sed -i "s|^switch = .*|switch = \"$(address call)\";|" "$d/carol.conf"
start carol rp-dial --account "$d/carol.conf" --answer --once \
    --ready-file "$T/carol.ready"
check "the key is known elsewhere" wait_for 10 test -s "$T/carol.ready"
stop carol
rp-users --db "$db" remove "$carol" >"$T/out" 2>&1 || fail "removed" \
    "$(cat "$T/out")"
rp-dial --account "$d/carol.conf" --duration 0.3 alice 2>"$T/err"
is $? 6 "and ends with its device"
finish
