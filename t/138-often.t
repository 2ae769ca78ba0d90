#!/bin/sh
# A party to a call that sends RESUME or INFO all the time is told to wait,
# because one faulty client must not cost others their repairs. The limit is per
# party: the other party of the same call notices nothing. After the wait, the
# request is accepted again.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
write_conf "exec $T/pusher $T"
sed -i 's/^call = {/call = { infos = 6;/' "$T/switch.conf"
start_configured
wakeable bob

talk alice alice
say alice "INITIATE /session/bob body=offer"
check "a call" heard alice '^response 200 - 0 \{'
id=$(sed -n 's/.*"sessionId":"\([0-9a-f]*\)".*/\1/p' "$T/alice.out")
talk bob bob answer
say bob "RING /session/$id body=answer"
check "rings" heard alice 'RING .* answer$'
say bob "ANSWER /session/$id"
check "and is answered" heard alice '^request ANSWER'

# All in one go, while bob does so once.
before=$(count alice '^response')
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	echo "RESUME /session/$id"
done >"$T/alice.in"
check "twelve RESUMEs are answered" wait_for 5 sh -c \
    "[ \$(grep -c '^response' $T/alice.out) = $((before + 12)) ]"
grep '^response' "$T/alice.out" | tail -n 12 >"$T/answers"
is "$(cut -d ' ' -f 2 "$T/answers" | xargs)" \
    "200 200 200 200 200 200 200 200 200 200 429 429" "ten are taken"
is "$(grep -c '"iceServers"' "$T/answers")" 5 "half of them get a relay"
is "$(grep -c '^response 200 .*"sessionId":"'"$id" "$T/answers")" 10 \
    "all of them the session"
like "$(tail -n 1 "$T/answers")" '^response 429 too-many-resumes [1-9] ' \
    "429 says how long to wait"
is "$(metric 'rp_quota_refused_total{row="resume"}')" 2 \
    "the refused are counted"
is "$(metric rp_resumes_without_relay_total)" 5 "and those without a relay"
say bob "RESUME /session/$id"
check "bob's is another matter" heard bob '^response 200 .*"iceServers"'

# On another connection it is the same party; its messages come there all the
# same, because it is there now.
talk alice2 alice answer
say alice2 "RESUME /session/$id"
check "another connection does not help" heard alice2 \
    '^response (429 too-many-resumes|200)'
say bob "INFO /session/$id body=for-the-second"
check "but is the party's from now on" heard alice2 'INFO .* for-the-second$'
answered() {
	[ "$(count alice2 '^response')" -gt "$1" ]
}
may_again() {
	rp_answers=$(count alice2 '^response')
	say alice2 "RESUME /session/$id"
	wait_for 5 answered "$rp_answers"
	grep -q '^response 200' "$T/alice2.out"
}
check "later it may again" wait_for 10 may_again

# INFO: six in ten seconds here, of which one is said.
before=$(count bob '^response')
for i in 1 2 3 4 5 6 7 8; do
	echo "INFO /session/$id body=$i"
done >"$T/bob.in"
check "INFOs are answered" wait_for 5 sh -c \
    "[ \$(grep -c '^response' $T/bob.out) = $((before + 8)) ]"
like "$(grep '^response' "$T/bob.out" | tail -n 1)" '^response 429 too-many-infos [1-9] ' \
    "too many: 429 and how long to wait"
is "$(metric 'rp_quota_refused_total{row="info"}')" \
    "$(count bob '^response 429')" "counted"
say alice2 "INFO /session/$id body=from-alice"
check "alice's are another matter" heard bob 'INFO .* from-alice$'

# HANGUP and what follows it know no limit.
say bob "HANGUP /session/$id"
check "HANGUP" heard alice2 '^request HANGUP'
over=
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	over="$over $(ask alice RESUME "/session/$id" | cut -d ' ' -f 1)"
done
is "$(echo "$over" | xargs -n 1 | sort -u)" 410 "of the end everybody hears"
finish
