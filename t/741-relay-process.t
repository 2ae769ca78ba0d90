#!/bin/sh
# What strangers send to the relay is parsed in a process that has no private key
# and no subscriber. Code that runs there can open no file, run nothing, connect
# to nobody and look into no other process. It relays over UDP, TCP and TLS all
# the same, takes a reload, becomes the user, and its end ends the switch.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
hole=$RP_BUILD/t/tools/hole
write_conf "" 'drain_ms = 0;' 'log = { level = "debug"; };'
# As one would give libpq its password.
export PGPASSWORD=ruby-violin-harbour-tower
start_configured

# found PID HEX: how often that process has these bytes in memory.
found() {
	"$hole" "$1" finds "$2"
}

# hex: standard input in hex.
hex() {
	od -An -tx1 | tr -d ' \n'
}

main=$(cat "$T/switch.pid")
relay=$(part relay)
like "$relay" '^[0-9]+$' "there is a process for the relay"
is "$(cat "/proc/$relay/task"/*/comm | grep -c '^relay-')" \
    "$(cat "/proc/$main/task"/*/comm "/proc/$relay/task"/*/comm |
	grep -c '^relay-')" "which has all of the relay's threads"

# A subscriber is looked up, a call made, and a client of TURN over TLS served.
is "$(ask alice INITIATE /session/bob --data offer)" "480 unreachable" \
    "subscribers are looked up"
tls=$(address turn_tls)
print() {
	openssl s_client -connect "$tls" "$@" </dev/null 2>/dev/null |
	    openssl x509 -noout -fingerprint -sha256
}
wanted=$(openssl x509 -in "$T/switch.d/cert.pem" -noout -fingerprint -sha256)
is "$(print -tls1_3)" "$wanted" "it ends TURN over TLS 1.3"
is "$(print -tls1_2)" "$wanted" "and 1.2"

# Its memory. What is looked for is in the switch's or the keys' process, so that
# a fault of the search would show.
scalar=$(openssl ec -in "$T/switch.d/key.pem" -noout -text 2>/dev/null |
    sed -n '/^priv/,/^pub/p' | grep '^ ' | tr -d ' :\n' | sed 's/^00//' |
    fold -w 2 | tac | tr -d '\n')
token=$(token alice | tr -d '\n' | hex)
path=$(printf switch.d/rp.db | hex)
found "$main" "$scalar" >/dev/null
if [ $? = 77 ]; then
	skip "memory" "this user cannot read it"
else
	check "the keys' process has the key" \
	    test "$(found "$(part keys)" "$scalar")" -gt 0
	is "$(found "$relay" "$scalar")" 0 "the relay's has not"
	check "the switch has the directory's path" \
	    test "$(found "$main" "$path")" -gt 0
	is "$(found "$relay" "$path")" 0 "the relay has not"
	password=$(printf %s "$PGPASSWORD" | hex)
	check "the switch has the environment" \
	    test "$(found "$main" "$password")" -gt 0
	if [ -n "${RP_SANITIZERS#no}" ]; then
		skip "the relay" "a sanitizer copies the environment"
	else
		is "$(found "$relay" "$password")" 0 "the relay has not"
	fi
	is "$(found "$relay" "$token")" 0 "nor a subscriber's token"
	is "$(found "$relay" "$(printf alice | hex)")" 0 \
	    "nor has it heard of a subscriber"
fi

# Code of somebody else's.
"$hole" "$relay" tries "$main" >"$T/tries" 2>&1
case $? in
77) skip "tries" "no ptrace(2) for this user or machine" ;;
*) like "$(tail -1 "$T/tries")" '^([0-9]+) of \1 tries denied$' \
    "code that runs there opens, runs and reaches nothing" ;;
esac
sed 's/^/# /' "$T/tries"
is "$(cat "/proc/$relay/task"/*/status |
    awk '/^Cap(Eff|Prm|Bnd)|^Seccomp:/ {print $1 $2}' | sort -u | xargs)" \
    "CapBnd:0000000000000000 CapEff:0000000000000000 \
CapPrm:0000000000000000 Seccomp:2" "no thread of it has a capability"
is "$(print -tls1_3)" "$wanted" "and it serves on"

# A reload brings certificates to it.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 \
    -subj /CN=x -addext "subjectAltName=IP:127.0.0.1,DNS:localhost" \
    -keyout "$T/new.key" -out "$T/new.pem" 2>/dev/null
cat "$T/new.key" >"$T/switch.d/key.pem"
cat "$T/new.pem" >"$T/switch.d/cert.pem"
kill -HUP "$main"
check "a reload is told" wait_for 10 grep -q 'event=reload ok=1' "$T/switch.err"
fresh() {
	[ "$(print -tls1_3)" = "$(openssl x509 -in "$T/new.pem" -noout \
	    -fingerprint -sha256)" ]
}
check "and the relay shows the new certificate" wait_for 10 fresh

# Its end.
kill -KILL "$relay"
join switch
is $? 1 "when that process ends, so does the switch"
like "$(cat "$T/switch.err")" "rp-switchd: the relay's process has ended" \
    "with the reason"
is "$(grep -c 'event=process name=relay' "$T/switch.err")" 1 "in the log"

start_configured
relay=$(part relay)
kill -KILL "$(cat "$T/switch.pid")"
join switch
check "when the switch is killed, so is that process" \
    wait_for 5 sh -c "! kill -0 $relay 2>/dev/null"
if [ "$(id -u)" = 0 ]; then
	chmod 755 "$T"
	chown -R nobody "$T/switch.d"
	chmod 777 "$T"
	write_conf "" 'user = "nobody";' 'drain_ms = 0;'
	start_configured
	is "$(awk '/^Uid/ {print $2, $3, $4}' "/proc/$(part relay)/status")" \
	    "$(id -u nobody) $(id -u nobody) $(id -u nobody)" \
	    "it becomes the user, too"
	stop switch
	is $? 0 "and ends in order"
else
	skip "user" "not root"
fi
finish
