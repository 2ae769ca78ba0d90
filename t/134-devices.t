#!/bin/sh
# A subscriber with several devices. All of them are woken, and the first to
# answer gets the call. The others are told so, whether they are connected or
# not. The caller receives one device's messages at a time. At the end, a whole
# call goes through a plain pipe into rp-pushsend.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
check "bob gets a second device" rp-users --db "sqlite:$T/switch.d/rp.db" \
    add bob --token-file "$T/switch.d/tablet.token"
write_conf "exec $T/pusher $T"
start_configured

# tablet COMMAND...: say something with the other device's token.
tablet() {
	mv "$T/switch.d/bob.token" "$T/switch.d/phone.token"
	cp "$T/switch.d/tablet.token" "$T/switch.d/bob.token"
	"$@"
	rp_status=$?
	mv "$T/switch.d/phone.token" "$T/switch.d/bob.token"
	return $rp_status
}

wakeable bob
tablet wakeable bob
talk alice alice

# begin: alice dials bob; sets $id.
begin() {
	: >"$T/pushes"
	: >"$T/alice.out"
	say alice "INITIATE /session/bob body=offer"
	heard alice '^response 200.*sessionId' || fail "alice dials"
	id=$(sed -n 's/.*"sessionId":"\([0-9a-f]*\)".*/\1/p' "$T/alice.out")
	wait_for 5 sh -c "[ \$(jq -r .id $T/pushes | sort -u | wc -l) = 2 ]" ||
	    fail "both devices are woken"
}

begin
is "$(pushed .id | sort -u | xargs)" "$id.0 $id.1" "both devices are woken"
say alice "INFO /session/$id body=candidate"
talk phone bob answer
say phone "RING /session/$id"
tablet talk tab bob answer
say tab "RING /session/$id"
check "the caller's INFO goes to the one" heard phone 'INFO .* candidate$'
# Which of the two the directory has first is its business.
phone=$(sed -n "s/.*:$id:b\([01]\)\".*/\1/p" "$T/phone.out")
tablet=$((1 - phone))
check "and to the other" heard tab 'INFO .* candidate$'
is "$(count alice '^request RING')" 1 "the caller hears one ring"
say phone "RING /session/$id body=phone-answer"
check "the first answer" heard alice 'RING .* phone-answer$'
say tab "RING /session/$id body=tablet-answer"
say tab "INFO /session/$id body=tablet-candidate"
check "the second is taken" wait_for 5 sh -c \
    "[ \$(grep -c '^response 200' $T/tab.out) = 3 ]"
is "$(count alice 'tablet')" 0 "and kept from the caller"
say tab "ANSWER /session/$id"
check "it picks up" heard alice '^request ANSWER'
is "$(sed -n 's/^request \([A-Z]*\) .* \([^ ]*\)$/\1:\2/p' "$T/alice.out" |
    xargs)" "RING: RING:phone-answer RING:tablet-answer INFO:tablet-candidate ANSWER:" \
    "then its side is shown, in order"
check "the phone is told" heard phone '^request HANGUP .* answered-elsewhere'
is "$(ask bob ANSWER "/session/$id")" "410 answered-elsewhere" \
    "and 410 says so"
say alice "INFO /session/$id body=for-the-winner"
check "INFO goes to the one that answered" heard tab 'INFO .* for-the-winner$'
say alice "HANGUP /session/$id"
check "HANGUP too" heard tab '^request HANGUP .* hung-up'
is "$(count phone 'for-the-winner')" 0 "and to nobody else"
is "$(ask bob RING "/session/$id")" "410 answered-elsewhere" \
    "afterwards as well"
bye phone
bye tab

begin
is "$(ask bob RING "/session/$id" --data answer)" 200 "the phone is up"
is "$(ask bob ANSWER "/session/$id")" 200 "and answers"
check "the tablet's ring is taken back" wait_for 5 sh -c \
    "jq -r 'select(.payload.kind == \"cancel\") | .id' $T/pushes |
    grep -qx $id.$tablet.c"
is "$(pushed "select(.id == \"$id.$tablet.c\") | .payload.reason")" \
    answered-elsewhere "because it was answered elsewhere"
calls='select(.payload.kind == "call") | .id'
check "and nobody is woken any more" \
    never 0.7 pushed_more "$(pushed "$calls" | wc -l)" "$calls"
is "$(pushed .id | grep -c "^$id.$phone.c")" 0 "the phone's is not"
is "$(tablet ask bob RING "/session/$id")" "410 answered-elsewhere" \
    "a late tablet: 410"
is "$(tablet ask bob HANGUP "/session/$id")" "410 answered-elsewhere" \
    "which cannot end the call"
say alice "HANGUP /session/$id"

begin
is "$(ask bob BUSY "/session/$id")" 200 "the phone is busy"
is "$(tablet ask bob RING "/session/$id" --data tablet)" 200 \
    "the tablet rings"
check "and is heard" heard alice 'RING .* tablet$'
is "$(tablet ask bob BUSY "/session/$id")" 200 "busy as well"
check "then the call is" heard alice '^request BUSY .* busy'

begin
is "$(ask bob RING "/session/$id" --data phone)" 200 "the phone rings"
is "$(ask bob HANGUP "/session/$id" -H "Reason: failed")" 200 "and fails"
is "$(tablet ask bob RING "/session/$id" --data tablet)" 200 \
    "the tablet rings all the same"
check "and is heard" heard alice 'RING .* tablet$'
is "$(tablet ask bob HANGUP "/session/$id" -H "Reason: not-acceptable")" 200 \
    "it cannot take the call either"
check "then it is over" heard alice '^request HANGUP .* not-acceptable'

begin
is "$(ask bob DELETE /push)" 204 "the phone is not to be woken"
ask bob HANGUP "/session/$id" >/dev/null
: >"$T/pushes"
say alice "INITIATE /session/bob body=offer"
check "a call wakes the tablet" wait_for 5 test -s "$T/pushes"
is "$(pushed .id | sed 's/.*\.//' | sort -u | xargs)" "$tablet" "only"
stop switch KILL
bye alice

# A plain pipe.
write_conf ""
rm -f "$T/switch.ready"
start pipe sh -c "rp-switchd -c '$T/switch.conf' --ready-file \
    '$T/switch.ready' 2>'$T/switch.err' | rp-pushsend --dev"
check "rp-switchd | rp-pushsend starts" wait_for 10 test -s "$T/switch.ready"
switch="127.0.0.1:$(port "$(address call)")"
start bob rp-dial --account "$T/switch.d/bob.conf" --switch "$switch" \
    --answer --echo --once --ready-file "$T/bob.ready"
check "bob can be woken" wait_for 10 test -s "$T/bob.ready"
check "a call through it" rp-dial --account "$T/switch.d/alice.conf" \
    --switch "$switch" --duration 1 bob
join bob
is $? 0 "bob was rung"
# Its reader gone, nobody can be woken, but the switch runs on; so end it.
kill "$(pgrep -f "rp-switchd -c $T/switch.conf" | tail -1)"
join pipe
is $? 0 "the pipe ends in order"
finish
