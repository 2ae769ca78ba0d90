#!/bin/sh
# A subscriber blocks another. The blocked one's calls ring nowhere, cost the
# other nothing, and end as if the telephone was off; nothing tells the caller
# that it is blocked. Others get through. The list has one form of a number, is
# bounded, is kept by export and import, and can be changed by the operator.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
db=sqlite:$T/switch.d/rp.db

make_subscribers
for who in carol +27215550100; do
	rp-users --db "$db" add $who >"$T/switch.d/$who.token"
done
write_conf "exec $T/pusher $T" 'drain_ms = 0;' \
    'numbers = { country_code = "27"; };'
sed -i 's/^call = {/call = { push_ms = 1500;/' "$T/switch.conf"
start_configured
wakeable bob
wakeable alice

is "$(ask bob GET /blocked)" 200 "bob may see whom he blocks"
is "$(cat "$T/body")" '{"blocked":[]}' "which is nobody"
is "$(ask bob PUT /blocked/alice)" 204 "he blocks alice"
is "$(ask bob PUT /blocked/021-555-0100)" 204 "and a number, as it is dialled"
is "$(ask bob PUT /blocked/0027215550100)" 204 "which has one form"
ask bob GET /blocked >/dev/null
is "$(jq -c '.blocked | sort' "$T/body")" '["+27215550100","alice"]' "so"
is "$(ask bob PUT "/blocked/$(printf %033d 1)")" "404 no-such-name" \
    "not one that is too long"

# The same call to a telephone that is off, and to one where alice is blocked.
pusher_says -
calls_in_vain() {
	talk "$1" "$2"
	say "$1" "INITIATE /session/$3 body=offer"
	heard "$1" '^request HANGUP'
	sed 's/"\(sessionId\|username\|credential\|nonce\)":"[^"]*"/"\1":""/g
	    s/[0-9a-f]\{32\}/ID/g' "$T/$1.out" >"$T/$1.seen"
}
check "carol calls bob, whose telephone is off" calls_in_vain off carol bob
is "$(pushed 'select(.payload.kind == "call") | .payload.caller // .type' |
    sort -u | wc -l)" 1 "which is called"
: >"$T/pushes"
check "alice calls bob" calls_in_vain blocked alice bob
is "$(diff "$T/off.seen" "$T/blocked.seen")" "" "and hears the same"
check "another one, too" calls_in_vain number +27215550100 bob
is "$(diff "$T/off.seen" "$T/number.seen")" "" "and nothing else"
is "$(pushed .id | wc -l)" 0 "nobody was woken, nor told that it is over"
is "$(metric rp_calls_blocked_total)" 2 "which is counted"
is "$(metric 'rp_calls_ended_total{reason="expired"}')" 3 \
    "as calls that nobody took"
pusher_says sent
talk glare alice
say glare "INITIATE /session/bob body=offer"
check "alice calls bob again" heard glare '^response 200'
is "$(ask bob INITIATE /session/alice --data offer)" 200 \
    "bob may call whom he blocks"
check "whose own call ends as with anybody" heard glare \
    '^request HANGUP .*glare'
ask bob HANGUP "/session/$(jq -r .sessionId "$T/body")" >/dev/null

# By the operator, and as lines of a file.
is "$(rp-users --db "$db" blocked bob | sort | xargs)" "+27215550100 alice" \
    "rp-users lists them"
is "$(rp-users --db "$db" blocked)" "" "not as numbers that nobody may use"
rp-users --db "$db" export >"$T/lines"
is "$(jq -c 'select(.blocks) | [.number, .blocks]' "$T/lines" | sort |
    xargs)" "[bob,+27215550100] [bob,alice]" "export has them"
check "import" rp-users --db "sqlite:$T/other.db" import "$T/lines"
is "$(rp-users --db "sqlite:$T/other.db" export | diff "$T/lines" -)" "" \
    "makes the same again"
check "rp-users unblocks alice" rp-users --db "$db" unblock bob alice
rp-users --db "$db" unblock bob alice 2>"$T/unblock"
is $? 3 "once"
is "$(cat "$T/unblock")" "rp-users: alice: is not blocked" "and says so"
: >"$T/pushes"
is "$(ask alice INITIATE /session/bob --data offer)" 200 "alice calls bob"
check "who is woken" wait_for 5 pushed_more 0
ask alice HANGUP "/session/$(jq -r .sessionId "$T/body")" >/dev/null
check "rp-users blocks her" rp-users --db "$db" block bob alice
is "$(ask bob DELETE /blocked/alice)" 204 "bob unblocks her"
is "$(ask bob DELETE /blocked/alice)" "404 not-blocked" "once"
is "$(ask bob DELETE /blocked/021-555-0100)" 204 "and the number"
ask bob GET /blocked >/dev/null
is "$(cat "$T/body")" '{"blocked":[]}' "so that it is nobody again"

# No more than a hundred.
for i in $(seq 100); do
	echo "{\"number\":\"bob\",\"blocks\":\"x$i\"}"
done >"$T/hundred"
check "a hundred are imported" rp-users --db "$db" import "$T/hundred"
is "$(ask bob PUT /blocked/x101)" "409 too-many-blocked" "one more is too many"
is "$(ask bob PUT /blocked/x1)" 204 "one of them again is not"
cp "$T/hundred" "$T/more"
echo '{"number":"alice","blocks":"x101"}' >>"$T/more"
head -n 1 "$T/hundred" >>"$T/more"
echo '{"number":"bob","blocks":"x101"}' >>"$T/more"
rp-users --db "sqlite:$T/other.db" import "$T/more" 2>"$T/import"
is $? 4 "a file with one more, beside others' and one of them again: exit 4"
like "$(cat "$T/import")" "^rp-users: $T/more:[0-9]+: bob would block more \
than 100 others; nothing imported\$" "which says where"
is "$(rp-users --db "sqlite:$T/other.db" export | diff "$T/lines" -)" "" \
    "and imports nothing"
sed -i '$d' "$T/more"
check "without it" rp-users --db "sqlite:$T/other.db" import "$T/more" --update

# Nor is either list to be had without end.
echo 'connections = { reads_per_minute = 1; };' >>"$T/switch.conf"
check "a reload" rp-drain --socket "$T/switch.d/control" --reload
for list in blocked devices devices; do
	ask bob GET /$list
done >"$T/reads"
is "$(tail -n 1 "$T/reads")" "429 too-many-reads" \
    "his lists are not to be had without end"
check "and he is told when" test "$(header Retry-After)" -gt 0
is "$(ask bob GET /blocked)" "429 too-many-reads" "both count as one"
check "it is counted" \
    wait_for 5 metric_least 'rp_quota_refused_total{row="read"}' 2
is "$(ask bob PUT /blocked/x1)" 204 "changes have a limit of their own"
is "$(ask alice GET /devices)" 200 "as has each other subscriber"
check "rp-users removes bob" rp-users --db "$db" remove bob
is "$(strings "$T/switch.d/rp.db" | grep -c x100)" 0 \
    "and the file knows none of them"
stop switch
is $? 0 "the switch stops"
finish
