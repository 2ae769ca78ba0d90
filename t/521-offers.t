#!/bin/sh
# A client by hand offers rp-dial what browsers and gateways offer, at first and
# in mid-call: more media sections, sections that come and go, a hold, another
# payload type, a role instead of actpass, nonsense. Each offer is answered in
# its own order or refused in a way that the client hears; none is left open.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

start_switch switch
fingerprint=$(printf 'AB:%.0s' $(seq 31))AB
head='v=0\r\no=- 7 %d IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n'
ice='a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n'
new_ice='a=ice-ufrag:efgh\r\na=ice-pwd:0123456789012345678901\r\n'
dtls="a=fingerprint:sha-256 $fingerprint\\r\\na=setup:actpass\\r\\n"
opus='a=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n'
audio="m=audio 9 UDP/TLS/RTP/SAVPF 111\\r\\na=mid:0\\r\\n$ice$dtls$opus"
data='m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:d\r\n'
data=$data$ice$dtls
video="m=video 9 UDP/TLS/RTP/SAVPF 96\\r\\na=mid:v\\r\\n$ice$dtls"
no_data='m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n'

# offer SECTIONS: as one line for sigtalk; with the version of the moment.
version=1
offer() {
	printf %s "$head" | sed "s/%d/$version/"
	printf %s "$1"
}

# call SECTIONS: alice, by hand, calls bob's rp-dial.
call() {
	rm -f "$T/bob.ready"
	start bob rp-dial --account "$T/switch.d/bob.conf" --answer --echo \
	    --once --ready-file "$T/bob.ready" --json "$T/bob.json"
	wait_for 10 test -s "$T/bob.ready" || fail "bob waits"
	talk alice alice
	say alice "INITIATE /session/bob sdp=$(offer "$1")"
	heard alice '^response 200' || fail "it rings"
	id=$(sed -n 's/.*"sessionId": *"\([^"]*\)".*/\1/p' "$T/alice.out" |
	    head -n 1)
}

# again SECTIONS REGEX WHAT: an offer in mid-call has this in its answer.
again() {
	seen=$(wc -l <"$T/alice.out")
	version=$((version + 1))
	say alice "INFO /session/$id sdp=$(offer "$1")"
	check "$3" wait_for 10 heard_since "$2"
}
heard_since() {
	tail -n "+$((seen + 1))" "$T/alice.out" | grep "^request INFO" |
	    tr -d '\\' | grep -qE -e "$1"
}

call "a=group:BUNDLE d 0\\r\\n$data$audio"
check "data before audio is answered in this order" heard alice \
    "^request RING .*application/sdp.*BUNDLE 0\\\\r.*m=application 0 .*m=audio 9 "
check "and the call is answered" heard alice '^request ANSWER'

sdp='application/sdp v=0'
again "a=group:BUNDLE d 0 v\\r\\n$data$audio$video" \
    "$sdp.*BUNDLE 0r.*m=application 0 .*m=audio 9 .*m=video 0 .*a=mid:v" \
    "a new section is rejected, and the offer answered"
again "a=group:BUNDLE 0\\r\\n${no_data}a=mid:d\\r\\n$audio" \
    "$sdp.*m=application 0 .*m=audio 9 " "a removed one stays where it was"
again "${video}$audio" "$sdp.*m=video 0 .*m=audio 9 " \
    "a recycled one has other media"
again "$data${audio}a=inactive\\r\\n" "$sdp.*m=audio 9 .*a=inactive" \
    "a hold is answered"
again "$data${audio}a=sendonly\\r\\n" "$sdp.*m=audio 9 .*a=recvonly" \
    "one with music too"
again "$data$(printf %s "$audio" | sed 's/setup:actpass/setup:passive/')" \
    "$sdp.*m=audio 9 .*a=sendrecv.*a=setup:active" \
    "an offer that names a role is one"
# Another session and the first version, as werift has them in each description.
head="v=0\\r\\no=- 8 0 IN IP4 127.0.0.1\\r\\ns=-\\r\\nt=0 0\\r\\n"
passive=$(printf %s "$audio" | sed 's/setup:actpass/setup:passive/
    s/ufrag:abcd/ufrag:ijkl/')
again "$passive" "$sdp.*m=audio 9 .*a=setup:active" \
    "also if its origin is of another session, and its version is no higher"
head='v=0\r\no=- 7 %d IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n'
again "$data$(printf %s "$audio" | sed 's/111/96/g')" "$sdp.*rtpmap:96 opus" \
    "another payload type is mirrored"
ufrag=$(grep 'INFO.*application/sdp' "$T/alice.out" | tail -n 1 |
    sed 's/.*ice-ufrag:\([^\\]*\).*/\1/')
again "$data$(printf %s "$audio" | sed 's/ufrag:abcd/ufrag:efgh/')" \
    "$sdp.*m=audio 9 .*ice-ufrag" "an ICE restart beside another section"
is "$(grep 'INFO.*application/sdp' "$T/alice.out" | tail -n 1 |
    grep -cF "ice-ufrag:$ufrag")" 0 "restarts at our end too"
again 'm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n' "application/rp-refusal no Opus" \
    "what cannot be taken is refused, with the reason"
again 'nonsense' "application/rp-refusal line 5" "and so is nonsense"
again "$data$(printf %s "$audio" | sed 's/audio 9/audio 0/
    s/ufrag:abcd/ufrag:efgh/')" "$sdp.*m=application 0 .*m=audio 0 " \
    "audio that was removed is answered at port 0"
again "$data$(printf %s "$audio" | sed 's/ufrag:abcd/ufrag:efgh/')" \
    "$sdp.*m=audio 9 .*a=sendrecv" "and it can come back"
say alice "HANGUP /session/$id"
join bob
bye alice

call "m=audio 9 UDP/TLS/RTP/SAVPF 0\\r\\na=mid:0\\r\\n$ice$dtls"
check "an offer without Opus is hung up, and says so" heard alice \
    '^request HANGUP [^ ]* not-acceptable'
join bob
is "$?" 9 "exit 9 for the other side"
like "$(cat "$T/bob.err")" "no call is possible.*no Opus" "with the reason"
is "$(grep -c "call again" "$T/bob.err")" 0 "and without advice that is useless"
is "$(jq -r .end_reason "$T/bob.json")" incompatible "in the report too"
finish
