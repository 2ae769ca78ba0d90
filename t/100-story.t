#!/bin/sh
# The whole story, with real programs only. Alice and bob speak at once and hear
# each other, and the relay cannot hear either. A call that curl places rings at
# bob's rp-dial. rp-switchd and rp-pushsend, joined by a plain pipe, wake him. A
# callee whose signalling connection dies still hears the caller.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/heard.sh"
PATH=$RP_BUILD/t/tools:$PATH
cd "$T" || exit 1

espeak-ng -v en -w alice.wav \
    "The birch canoe slid on the smooth planks."
espeak-ng -v de -w bob.wav \
    "Zwei Leute wollen jetzt miteinander reden."

start_switch switch
d=switch.d
relay=$(ready switch.ready turn)
call=$(ready switch.ready call)

# bob ARGUMENT...: he waits to be woken.
bob() {
	rm -f bob.ready bob.json
	start bob rp-dial --account "$d/bob.conf" --answer --once \
	    --json bob.json --ready-file bob.ready "$@"
	wait_for 10 test -s bob.ready || fail "bob waits" "$(cat bob.err)"
}

capture=
if tcpdump -D >/dev/null 2>&1; then
	start tcpdump tcpdump -i lo -U -w call.pcap udp port "$(port "$relay")"
	wait_for 10 grep -q "listening on" tcpdump.err && capture=yes
fi

both_speak() {
	bob --in bob.wav --out bob-heard.wav
	rp-dial --account $d/alice.conf --in alice.wav --out alice-heard.wav \
	    --duration 4 --json alice.json bob
	both=$?
	join bob
	bobs=$?
	return $both
}
check "alice calls bob, both speak" until_heard \
    "alice.wav bob-heard.wav 0.9 bob.wav alice-heard.wav 0.9" both_speak
is "$bobs" 0 "bob's end completes"
check "bob hears alice" fits alice.wav bob-heard.wav 0.9
check "alice hears bob" fits bob.wav alice-heard.wav 0.9
check "and not herself" correlate --max 0.5 alice.wav alice-heard.wav
is "$(jq -c .security.words alice.json)" "$(jq -c .security.words bob.json)" \
    "four words, the same at both ends"
is "$(jq '.security.words | if type == "array" then length else split(" ") | length end' alice.json)" \
    4 "(four)"
if [ -n "$capture" ]; then
	stop tcpdump INT
	rtpdecode --port "$(port "$relay")" call.pcap relay.wav >decoded
	like "$(cat decoded)" 'packets=[0-9]+ changes=0 lengths=1$' \
	    "the relay sees packets of one length"
	check "which decode to nothing that alice said" \
	    correlate --max 0.3 alice.wav relay.wav
	check "nor bob" correlate --max 0.3 bob.wav relay.wav
else
	skip "what the relay sees" "no capture here"
fi

# curl as the caller, whom bob does not know yet: he rings until curl hangs up.
rm -f $d/bob.known_peers
cat >offer.sdp <<'SDP'
v=0
o=- 1 1 IN IP4 0.0.0.0
s=-
t=0 0
a=group:BUNDLE 0
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=rtcp-mux
a=mid:0
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuv
a=ice-options:trickle
a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF
a=setup:actpass
a=rtpmap:111 opus/48000/2
SDP
sed -i 's/$/\r/' offer.sdp
auth="alice:$(cat $d/alice.token)"
bob --ring 30
curl -sS --cacert $d/ca.pem -u "$auth" -X INITIATE --data-binary @offer.sdp \
    "https://$call/session/bob" >session.json 2>curl.err
id=$(jq -r .sessionId session.json)
like "$id" '^[0-9a-f]{32}$' "curl places a call"
# The message that curl missed by leaving goes to the client that resumes.
talk alice alice call
say alice "RESUME /session/$id"
check "bob's rp-dial rings for it" wait_for 10 \
    grep -q "^request RING /session/$id" alice.out
stop alice
is "$(curl -sS -o /dev/null -w '%{http_code}' --cacert $d/ca.pem -u "$auth" \
    -X HANGUP "https://$call/session/$id")" 200 "curl hangs up"
join bob
is "$?" 4 "and bob has missed it"

stop switch

# The same switch, by a configuration this time, in a plain pipe.
cat >switch.conf <<END
name = "localhost";
call: { listen = "127.0.0.1:0"; };
answer: { listen = "127.0.0.1:0"; };
tls: { certificate = "$d/cert.pem"; key = "$d/key.pem"; };
directory = "sqlite:$d/rp.db";
control = "control";
relay: { listen = "127.0.0.1:0"; secret = "pipes are enough"; };
END
rm -f switch.ready
start pipe sh -c 'rp-switchd -c switch.conf --ready-file switch.ready |
    rp-pushsend --dev'
wait_for 10 test -s switch.ready || fail "a switch in a pipe" "$(cat pipe.err)"
for who in alice bob; do
	sed "s/^switch *=.*/switch = \"localhost:$(port "$(ready switch.ready call)")\";/" \
	    $d/$who.conf >$d/$who-pipe.conf
	cp "$d/$who.identity.pem" "$d/$who-pipe.identity.pem" 2>/dev/null
done
rm -f bob.ready
start bob rp-dial --account $d/bob-pipe.conf --answer --once --echo \
    --ready-file bob.ready
wait_for 10 test -s bob.ready
check "rp-switchd | rp-pushsend rings bob" rp-dial \
    --account $d/alice-pipe.conf --duration 1 bob
check "who answers" join bob
rp-drain --socket control --stop >drain.out 2>&1
join pipe
is $? 0 "and the pipe ends in order"
finish
