#!/bin/sh
# A replica that is late. A switch knows at once what it wrote itself. What
# another switch wrote it finds on the primary, which is asked once before a
# device is refused or a callee is called unknown. While the primary is away,
# the replica's word counts.
. "$(dirname "$0")/lib.sh"
# Servers leave their ports, and come back to them.
own_network "$0" "$@"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/redis.sh"
command -v redis-server >/dev/null || skip_all "needs redis-server"

make_subscribers
list_subscribers >"$T/subscribers"
primary=$(free_port)
replica=$(free_port)
nowhere=$(free_port)
redis_pair
both=redis://127.0.0.1:$replica,127.0.0.1:$primary
rp-users --db "redis://127.0.0.1:$primary" import "$T/subscribers"
wait_for 10 rp-users --db "redis://127.0.0.1:$replica" show bob
# Late for ever: it keeps what it has, and gets no more.
late() {
	redis-cli -p "$replica" replicaof 127.0.0.1 "$nowhere" >/dev/null
}
write_conf "exec $T/pusher $T" 'registration = { enabled = true; };'
start_on "$both"
check "the switch finds its subscribers" wait_for 10 eval \
    '[ "$(ask alice GET /keepalive)" = 200 ]'
late

# open METHOD TARGET [BODY]: without credentials; the status.
open() {
	curl -sS --max-time 10 --cacert "$T/switch.d/ca.pem" -o "$T/body" \
	    -w '%{http_code}' -X "$1" ${3:+--data "$3"} \
	    "https://$(address call)$2"
}
number=+27215551234
token=0123456789abcdef0123456789abcdef
echo "$token" >"$T/switch.d/$number.token"
open POST "/verification/$number" >/dev/null
wait_for 5 test -s "$T/pushes"
is "$(open PUT "/subscriber/$number" \
    "{\"code\":\"$(pushed .payload.code)\",\"token\":\"$token\"}")" 201 \
    "a device is registered through this switch"
is "$(ask $number PUT /push --data '{"type":"command","to":{}}')" 204 \
    "and known at once"
is "$(ask alice INITIATE "/session/$number" --data offer)" 200 \
    "and can be called"
ask alice HANGUP "/session/$(jq -r .sessionId "$T/body")" >/dev/null

# As another switch would.
rp-users --db "redis://127.0.0.1:$primary" add carol \
    --token-file "$T/switch.d/carol.token"
is "$(ask carol GET /keepalive)" 200 "who is new elsewhere is known here"
is "$(ask carol PUT /push --data '{"type":"command","to":{}}')" 204 \
    "and can register"
is "$(ask alice INITIATE /session/dave --data offer)" "404 no-subscriber" \
    "who is in neither is unknown"
url=https://calls.example.org/
code=$(rp-users --db "redis://127.0.0.1:$primary" link bob --url $url |
    sed 's/.*#join=//; s/&.*//')
is "$(open PUT /subscriber/bob "{\"code\":\"$code\",\"token\":\"$token\"}")" \
    201 "a link that is new elsewhere is good here"
guest=$(rp-users --db "redis://127.0.0.1:$primary" guest bob --url $url |
    sed 's/.*&guest=//')
is "$(curl -sS --cacert "$T/switch.d/ca.pem" -o /dev/null -w '%{http_code}' \
    -H "Authorization: Guest $guest" "https://$(address call)/keepalive")" \
    200 "and a guest's"
stop primary KILL
is "$(ask alice GET /keepalive)" 200 "without the primary: calls go on"
echo "$token" >"$T/switch.d/dave.token"
is "$(ask dave GET /keepalive)" 401 "and the replica's word counts"
stop switch
is $? 0 "the switch stops"
finish
