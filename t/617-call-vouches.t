#!/bin/sh
# While the directory is away, a call vouches for its parties: it has the hashes of
# their devices. Whoever comes on another connection, by a token, a key, a link or
# another spelling of the number, resumes the call, rings or hangs up, and is told
# why a call is over. Nobody else is let in, and a party to nothing else. What was
# removed meanwhile goes when the directory is back.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
db=$T/switch.d/rp.db
users() {
	rp-users --db "sqlite:$db" "$@"
}
# key NAME: a new one, and its public half.
key() {
	openssl ecparam -name prime256v1 -genkey -noout -out "$T/$1.pem"
	openssl ec -in "$T/$1.pem" -pubout -outform DER 2>/dev/null |
	    tail -c 65 | base64 -w 0 | tr '+/' '-_' | tr -d =
}
users add carol --token-file "$T/switch.d/carol.token"
users add +27215550100 --token-file "$T/switch.d/+27215550100.token"
cp "$T/switch.d/+27215550100.token" "$T/switch.d/0215550100.token"
dave=$(key dave)
users add dave --key "$dave"
: >"$T/switch.d/dave.token"
key thief >/dev/null
guest=$(users guest bob --url https://calls.example.org/ |
    sed -n 's/.*&guest=//p')
write_conf "exec $T/pusher $T" \
    'numbers = { country_code = "27"; }; drain_ms = 0;' \
    'connections = { recheck_ms = 200; };'
start_configured
wakeable bob

closed() {
	reason no-directory
}
opened() {
	reason ""
}
goes() {
	sqlite3 "$db" ".timeout 5000" "ALTER TABLE device RENAME TO away"
	check "$1: the directory goes" wait_for 10 closed
}
comes() {
	sqlite3 "$db" ".timeout 5000" "ALTER TABLE away RENAME TO device"
	check "$1: it is back" wait_for 10 opened
}
session_of() {
	sed -n 's/.*"sessionId":"\([0-9a-f]*\)".*/\1/p' "$T/$1.out" | head -n 1
}
# dial CONNECTION: it calls bob; the session is in $id.
dial() {
	say "$1" "INITIATE /session/bob body=offer"
	heard "$1" '^response 200.*sessionId'
	id=$(session_of "$1")
}
# pick_up CONNECTION: bob answers that one.
pick_up() {
	say bob "RING /session/$id body=answer"
	say bob "ANSWER /session/$id"
	heard "$1" '^request ANSWER'
}
# by_answer ARGUMENT...: as ask, at the port that stays open.
by_answer() {
	ask_port=answer
	ask "$@"
	ask_port=call
}
# says CONNECTION LINE REGEX: the answer to that line.
says() {
	rp_so_far=$(count "$1" '^response')
	say "$1" "$2"
	wait_for 10 answers_more "$1"
	grep '^response' "$T/$1.out" | tail -n 1 | grep -q "^response $3"
}
answers_more() {
	[ "$(count "$1" '^response')" -gt "$rp_so_far" ]
}

# A call that was answered, whose caller comes back.
talk carol carol
talk bob bob answer
dial carol
check "carol talks to bob" pick_up carol
goes "in a call"
bye carol
is "$(by_answer carol RESUME "/session/$id")" 200 "a party resumes"
is "$(jq '.iceServers | length' "$T/body")" 1 "with another way for media"
is "$(by_answer alice RESUME "/session/$id")" "503 no-directory" \
    "others do not"
mv "$T/switch.d/carol.token" "$T/carol.token"
cp "$T/switch.d/alice.token" "$T/switch.d/carol.token"
is "$(by_answer carol RESUME "/session/$id")" "503 no-directory" \
    "nor does another token of hers"
mv "$T/carol.token" "$T/switch.d/carol.token"
is "$(by_answer alice RESUME /session/0123456789abcdef0123456789abcdef)" 404 \
    "a call that is not here is not waited for"
is "$(by_answer carol GET /switches)" "503 no-directory" \
    "for other requests there is no voucher"
talk carol carol answer
check "she goes on by a connection" says carol "RESUME /session/$id" 200
check "that stays alive" says carol "GET /keepalive" 200
say carol "INFO /session/$id body=still-here"
check "and is heard" heard bob 'INFO .* still-here$'
say bob "INFO /session/$id body=welcome"
check "as she hears bob" heard carol 'INFO .* welcome$'
for what in "GET /switches" "GET /relay" "GET /devices" \
    "INITIATE /session/alice body=offer" "PUT /push body={}"; do
	check "but no more: $what" says carol "$what" "503 no-directory"
done
comes "in a call"
check "then she is known as any other" says carol "GET /switches" "200"
goes "again"
check "who goes on when it is away again" says carol "GET /switches" "200"
comes "again"
bye carol

# Who was removed meanwhile.
goes "removed"
talk carol carol answer
check "carol resumes" says carol "RESUME /session/$id" 200
sqlite3 "$db" ".timeout 5000" "DELETE FROM away WHERE number = 'carol'"
comes "removed"
gone() {
	says carol "GET /switches" 401
}
check "her device was removed meanwhile: it is refused soon" wait_for 5 gone
check "though not in its call" says carol "INFO /session/$id body=bye" 200
goes "hung up"
bye carol
say bob "HANGUP /session/$id"
heard bob '^response 200 - 0 $'
is "$(by_answer carol RESUME "/session/$id")" "410 hung-up" \
    "a call is over meanwhile: a party is told why"
comes "hung up"
is "$(by_answer carol RESUME "/session/$id")" 401 "and the directory is believed"
bye bob

# Ringing: the device that was woken, and a caller whose network changes.
talk alice alice
dial alice
goes "ringing"
bye alice
talk bob bob answer
check "a device rings" says bob "RING /session/$id body=answer" 200
talk alice alice answer
check "the caller is back" says alice "RESUME /session/$id" 200
check "and hears it" heard alice "^request RING /session/$id"
check "it is answered" says bob "ANSWER /session/$id" 200
check "as she hears" heard alice "^request ANSWER /session/$id"
bye bob
is "$(by_answer bob HANGUP "/session/$id")" 200 "it hangs up by another connection"
check "which she hears, too" heard alice "^request HANGUP"
comes "ringing"
bye alice

# Another spelling, a key, and a link.
talk other +27215550100
talk bob bob answer
dial other
check "+27215550100 talks to bob" pick_up other
goes "a spelling"
bye other
is "$(by_answer 0215550100 RESUME "/session/$id")" 200 \
    "who says 0215550100 is that party"
bye bob
comes "a spelling"

talk_with="-w -k $T/dave.pem"
talk dave dave
talk_with=
talk bob bob answer
dial dave
check "dave, with a key, talks to bob" pick_up dave
goes "a key"
bye dave
talk_with="-w -k $T/thief.pem"
talk thief dave answer
check "another key is no voucher" says thief "RESUME /session/$id" \
    "503 no-directory"
bye thief
forged=$(printf '%064d' 0 | base64 -w 0 | tr -d =)
is "$(curl -sS --max-time 10 --cacert "$T/switch.d/ca.pem" -o "$T/body" \
    -w '%{http_code}' -X RESUME -H "Authorization: Device number=dave, \
key=$dave, sig=$forged" "https://$(address answer)/session/$id")" 401 \
    "nor is his without a proof"
talk_with="-w -k $T/dave.pem"
talk dave dave answer
talk_with=
check "his is" says dave "RESUME /session/$id" 200
bye dave
bye bob
comes "a key"

# guest_talks PORT
guest_talks() {
	mkfifo "$T/guest.in"
	start guest sh -c 'exec "$@" <"$0"' "$T/guest.in" "$rp_sigtalk" \
	    -a "$(address "$1")" -c "$T/switch.d/ca.pem" -g "$guest"
	start guest.hold sh -c 'exec sleep 600 >"$0"' "$T/guest.in"
	wait_for 10 grep -q '^ready' "$T/guest.out"
}
guest_talks call
talk bob bob answer
dial guest
check "a guest talks to bob" pick_up guest
goes "a link"
bye guest
guest_talks answer
check "and comes back" says guest "RESUME /session/$id" 200
check "but calls nobody" says guest "INITIATE /session/bob body=offer" \
    "503 no-directory"
comes "a link"
bye guest
bye bob
is "$(metric 'rp_responses_total{class="5xx",code="500"}')" 0 "no answer was 500"
stop switch
is $? 0 "the switch stops"
finish
