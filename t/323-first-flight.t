#!/bin/sh
# A device that was told in the push what to begin with has its answer ready when
# it connects. RING with the answer is then the first thing that the switch hears
# of it, and ANSWER comes right behind in the same flight, also with the ClientHello
# (RFC 8446 2.3). ANSWER waits there until the handshake is done.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
command -v openssl >/dev/null || skip_all "no openssl"

make_subscribers
write_conf "exec $T/pusher $T"
sed -i 's/^call = { /&per_pair_per_minute = 0; /' "$T/switch.conf"
start_configured
wakeable bob
talk alice alice

# begin: alice calls bob; sets $id.
begin() {
	: >"$T/alice.out"
	say alice "INITIATE /session/bob body=offer"
	heard alice '^response 200.*sessionId' || fail "alice dials"
	id=$(sed -n 's/.*"sessionId":"\([0-9a-f]*\)".*/\1/p' "$T/alice.out")
}
authorization="Basic $(printf 'bob:%s' "$(token bob)" | base64 | tr -d '\n')"
# flight METHOD...: bob's requests in one piece, the first with credentials; RING
# has the answer, and RING:TEXT another. It is escaped, for raw and printf %b.
flight() {
	rp_login="Authorization: $authorization\\r\\n"
	for rp_one; do
		rp_body=
		case $rp_one in
		RING) rp_body=answer ;;
		RING:*) rp_body=${rp_one#RING:} ;;
		esac
		printf '%s' "${rp_one%%:*} /session/$id HTTP/1.1\\r\\n$rp_login" \
		    'Content-Type: application/sdp\r\n' \
		    "Content-Length: ${#rp_body}\\r\\n\\r\\n$rp_body"
		rp_login=
	done
}
# What alice heard of bob, in order.
told() {
	awk -v target="/session/$id" '$1 == "request" && $3 == target {
	    print $2, $6 }' "$T/alice.out" | xargs
}
answered() {
	grep -o '^response [0-9]*' "$T/bob.out" | cut -d ' ' -f 2 | xargs
}

begin
talk bob bob answer
say bob "raw $(flight RING ANSWER)"
check "alice hears that it is answered" heard alice "^request ANSWER"
is "$(told)" "RING answer ANSWER" "after the answer, and just once"
check "bob is told" heard bob '^response 200 - 0 $'
is "$(answered)" "200 200" "that both were right"
like "$(cat "$T/bob.out")" '"offer":"offer"' \
    "and has the session object, whose offer counts"
bye bob
say alice "HANGUP /session/$id"

begin
talk bob bob answer
say bob "raw $(flight ANSWER RING ANSWER)"
check "ANSWER before RING" heard bob '^response 200 - 0 $'
is "$(answered)" "409 200 200" "is too early"
is "$(told)" "RING answer ANSWER" "and alice does not hear of it"
bye bob
say alice "HANGUP /session/$id"

# A second description in the place of the first, in the same flight.
begin
talk bob bob answer
say bob "raw $(flight RING RING:another ANSWER)"
check "RING with another answer" heard bob '^response 200 - 0 $'
is "$(answered)" "200 409 200" "is refused"
is "$(told)" "RING answer ANSWER" "and alice has the first"
bye bob
say alice "HANGUP /session/$id"

# With the ClientHello. openssl sends early data as it is told.
s_client() {
	timeout 60 openssl s_client -connect "$(address answer)" \
	    -CAfile "$T/switch.d/ca.pem" -verify_return_error "$@" 2>&1
}
printf 'GET /keepalive HTTP/1.1\r\nAuthorization: %s\r\n%b' \
    "$authorization" 'Connection: close\r\n\r\n' |
    s_client -quiet -sess_out "$T/ticket" >"$T/visit"
check "bob has a ticket" test -s "$T/ticket"

# early METHOD...: these in early data, and a keepalive, which ends the
# connection, once alice has heard something.
early() {
	printf %b "$(flight "$@")" >"$T/flight"
	{
		heard alice "$1"
		printf 'GET /keepalive HTTP/1.1\r\nConnection: close\r\n\r\n'
	} | s_client -sess_in "$T/ticket" -early_data "$T/flight" -ign_eof \
	    >"$T/visit"
}
begin
early RING ANSWER
like "$(cat "$T/visit")" "Early data was accepted" \
    "the flight goes with the ClientHello"
check "alice hears that it is answered" heard alice "^request ANSWER"
is "$(told)" "RING answer ANSWER" "after the answer, and just once"
is "$(grep -o 'HTTP/1.1 200 OK' "$T/visit" | wc -l)" 3 \
    "bob is told that all is right"
is "$(metric rp_tls_early_total)" 1 "it was early"
say alice "HANGUP /session/$id"
stop switch KILL
finish
