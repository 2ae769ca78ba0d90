#!/bin/sh
# Removal and block reach a client in mid-connection. Two switches share a
# directory. What is removed through one of them, or by rp-users, is refused by
# the other: its requests, its rings, its trials of the relay and their
# credentials. A call that was answered goes on to its end, also on another
# connection, unless the directory says that it ends too. While the directory is
# away, everybody goes on.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
db=$T/switch.d/rp.db
for who in carol dave; do
	rp-users --db "sqlite:$db" add $who \
	    --token-file "$T/switch.d/$who.token"
done
users() {
	rp-users --db "sqlite:$db" "$@"
}
hash_of() {
	printf %s "$(token "$1")" | sha256sum | cut -d ' ' -f 1
}
# back NAME: the subscriber is in the directory again, with the same token.
back() {
	echo "$1 $(hash_of "$1")" | users import -
}

write_conf "exec $T/pusher $T" \
    'connections = { recheck_ms = 200; };' \
    'registration = { enabled = true; };'
start_configured
sed 's|switch.d/control|switch.d/other|' "$T/switch.conf" >"$T/other.conf"
start other rp-switchd -c "$T/other.conf" --ready-file "$T/other.ready"
wait_for 10 test -s "$T/other.ready"

# Mid-connection.
talk alice alice
say alice "GET /keepalive"
check "alice is connected to one switch" heard alice '^response 200'
is "$(curl -sS --cacert "$T/switch.d/ca.pem" -o /dev/null -w '%{http_code}' \
    -u "alice:$(token alice)" -X DELETE \
    "https://$(ready "$T/other.ready" call)/devices/self")" 204 \
    "she signs out at the other"
check "the first one ends her connection" heard alice '^closed'
is "$(ask alice GET /keepalive)" 401 "and refuses her"
bye alice
is "$(metric 'rp_clients_revoked_total{reason="removed"}')" 1 \
    "which is counted"
check "alice registers again" back alice

# A request finds it out before the switch does.
stop switch
sed -i 's/recheck_ms = 200/recheck_ms = 3600000/' "$T/switch.conf"
start_configured
talk alice alice
say alice "GET /keepalive"
heard alice '^response 200'
users remove alice
say alice "GET /switches"
check "other requests do not look" heard alice '^response 200.*switches'
# A look-up of the last second counts as the request's own.
answered() {
	say alice "$1"
	grep -q "$2" "$T/alice.out"
}
check "but who asks for credentials is looked up" \
    wait_for 5 answered "GET /relay" '^response 401'
check "and disconnected" heard alice '^closed'
bye alice
back alice
wakeable bob
talk alice alice
say alice "GET /keepalive"
heard alice '^response 200'
users block alice
check "and so is who calls" wait_for 5 answered \
    "INITIATE /session/nobody body=offer" '^response 403.*blocked'
users unblock alice
bye alice
stop switch
sed -i 's/recheck_ms = 3600000/recheck_ms = 200/' "$T/switch.conf"
start_configured

# dial NAME: it calls bob, whose phone is connected; sets $id.
dial() {
	talk "$1" "$1"
	talk bob bob answer
	say "$1" "INITIATE /session/bob body=offer"
	heard "$1" '^response 200.*sessionId'
	id=$(sed -n 's/.*"sessionId":"\([0-9a-f]*\)".*/\1/p' "$T/$1.out")
	say bob "RING /session/$id"
	heard bob '^response 200.*sessionId'
}
pick_up() {
	say bob "RING /session/$id body=answer"
	say bob "ANSWER /session/$id"
	heard "$1" '^request ANSWER'
}

# Rings.
dial carol
users remove carol
check "a caller is removed: bob's phone stops ringing" \
    heard bob '^request HANGUP .* cancelled'
check "and the caller is disconnected" heard carol '^closed'
bye carol
bye bob
back carol
dial carol
users remove bob
check "a callee is removed: the caller is told" \
    heard carol '^request HANGUP .* unreachable'
check "and the callee is disconnected" heard bob '^closed'
bye carol
bye bob
back bob
wakeable bob

# A call that was answered.
dial carol
check "a call is answered" pick_up carol
users remove carol
refused() {
	say carol "GET /switches"
	grep -q '^response 401' "$T/carol.out"
}
check "the caller is removed: her connection serves her no more" \
    wait_for 5 refused
say carol "INFO /session/$id body=still-here"
check "but the call goes on" heard bob 'INFO .* still-here$'
say carol "GET /keepalive"
bye carol
is "$(ask_port=answer; ask carol RESUME "/session/$id")" 200 \
    "also on another connection"
is "$(jq '.iceServers | length' "$T/body")" 1 "with another way for media"
is "$(ask carol INITIATE /session/dave --data offer)" 401 "she calls nobody"
talk carol carol answer
say carol "RESUME /session/$id"
heard carol '^response 200.*sessionId'
say bob "HANGUP /session/$id"
check "the call ends" heard carol '^request HANGUP .* hung-up'
check "and with it her connection" heard carol '^closed'
is "$(ask carol RESUME "/session/$id")" 401 "then there is nothing to resume"
bye carol
bye bob
back carol

# It ends at once if the operator wants it, also where the device has lost its
# connection and comes back. A device, then a number.
dial carol
pick_up carol
bye carol
carol=$(hash_of carol | cut -c 1-16)
start revoking rp-users --db "sqlite:$db" revoke --now --timeout 5 carol \
    "$carol"
check "revoke --now marks the device" wait_for 5 eval \
    'users devices carol | grep -q revoked'
is "$(ask_port=answer; ask carol RESUME "/session/$id")" 401 \
    "revoked with its calls: a device cannot come back"
check "and the other is hung up on" heard bob '^request HANGUP .* hung-up'
bye bob
join revoking
is $? 0 "revoke --now waits"
is "$(users devices carol 2>&1)" "rp-users: carol: no such subscriber" \
    "and then removes the device"
back carol

dial carol
pick_up carol
start removing rp-users --db "sqlite:$db" remove --now --timeout 5 carol
check "revoked with its calls: the other is hung up on" \
    heard bob '^request HANGUP .* hung-up'
check "the device as well" heard carol '^request HANGUP .* hung-up'
check "and disconnected" heard carol '^closed'
is "$(ask carol GET /keepalive)" 401 "and refused"
bye carol
bye bob
join removing
is $? 0 "remove --now removes it then"
back carol
dial carol
pick_up carol
users block --now bob
check "blocked with its calls: hung up" \
    heard carol '^request HANGUP .* hung-up'
check "and disconnected" heard bob '^closed'
is "$(ask bob GET /keepalive)" "403 blocked" "a blocked number is told so"
is "$(header Connection)" close "and disconnected"
is "$(ask carol INITIATE /session/bob --data offer)" "404 no-subscriber" \
    "and is nobody to others"
bye carol
bye bob
users block +27215550100
: >"$T/pushes"
curl -sS --cacert "$T/switch.d/ca.pem" -o /dev/null -X POST \
    "https://$(address call)/verification/+27215550100"
wait_for 10 test -s "$T/pushes"
is "$(curl -sS --cacert "$T/switch.d/ca.pem" -o /dev/null \
    -w '%{http_code}' --data "{\"code\":\"$(pushed .payload.code)\",
    \"token\":\"0123456789abcdef0123456789abcdef\"}" -X PUT \
    "https://$(address call)/subscriber/+27215550100")" 403 \
    "and cannot sign up"
users unblock bob
is "$(ask bob GET /keepalive)" 200 "unblocked: served again"

# Trials of the relay.
if command -v turnutils_uclient >/dev/null; then
	talk dave dave
	say dave "GET /relay"
	heard dave '^response 200.*iceServers'
	user=$(sed -n 's/.*"username":"\([^"]*\)".*/\1/p' "$T/dave.out")
	password=$(sed -n 's/.*"credential":"\([^"]*\)".*/\1/p' "$T/dave.out")
	start relay turnutils_uclient -y -c -n 10000 -m 1 -l 100 -u "$user" \
	    -w "$password" -p "$(port "$(address turn)")" 127.0.0.1
	check "a trial of the relay" wait_for 10 \
	    metric_least rp_relay_allocations 1
	users remove dave
	check "ends with the device" wait_for 5 metric_is rp_relay_allocations 0
	stop relay KILL
	start relay turnutils_uclient -y -c -n 1 -m 1 -l 100 -u "$user" \
	    -w "$password" -p "$(port "$(address turn)")" 127.0.0.1
	join relay
	like "$(cat "$T/relay.out")" "403 .Forbidden" \
	    "and its credentials allocate no more"
	bye dave
	back dave
else
	skip "trials of the relay" "needs coturn"
fi

# The directory is away.
dial carol
pick_up carol
looked=$(metric rp_rechecks_total)
sqlite3 "$db" ".timeout 5000" "ALTER TABLE device RENAME TO away"
closed() {
	rp-drain --socket "$T/switch.d/control" --status | grep -q no-directory
}
check "the directory is away" wait_for 10 closed
check "its clients are looked up" wait_for 5 \
    metric_least rp_rechecks_total $((looked + 2))
say carol "INFO /session/$id body=still-here"
check "and go on all the same" heard bob 'INFO .* still-here$'
sqlite3 "$db" ".timeout 5000" "ALTER TABLE away RENAME TO device"
opened() {
	! closed
}
check "it is back" wait_for 10 opened
users remove carol
say bob "HANGUP /session/$id"
check "who was removed meanwhile goes then" heard carol '^closed'
stop other
stop switch
is $? 0 "the switch stops"
finish
