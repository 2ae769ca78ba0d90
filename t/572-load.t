#!/bin/sh
# One rp-dial --calls places many calls at a rate, from accounts of a list, and
# sums them up: times, scores, failures by kind. What a switch limits is counted
# as that, and its Retry-After is obeyed. Ctrl-C ends all calls with a goodbye,
# and the summary is still written.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
cd "$T" || exit 1

echo 'alice.conf' >broken.list
like "$(rp-dial --calls 2 --list broken.list 2>&1)" \
    "broken.list:1: wants ACCOUNT-FILE NUMBER" "a broken list is named"
like "$(rp-dial --calls 2 --list broken.list bob 2>&1)" "leave out" \
    "a list names the callees"
mkfifo pipe
like "$(rp-dial --calls 2 --list pipe 2>&1 3<>pipe)" "wants a regular file" \
    "a list that cannot be read twice is refused"

# Bob may hear of an end later than alice, so that he has a few calls more.
start_switch switch
echo_at_once 16
mkdir lists
{
	echo "# who calls whom"
	echo
	echo "../switch.d/alice.conf bob"
} >lists/calls.list
check "20 calls from a list" rp-dial --calls 20 --rate 10 --duration 0.5 \
    --list lists/calls.list --json load.json
is "$(jq -c '[.calls, .begun, .completed, .failed, .failures]' load.json)" \
    '[20,20,20,0,{}]' "all complete: $(cat load.json)"
is "$(jq '.most_at_once > 1 and .most_at_once <= 8 and
    .set_up_ms.p50 > 0 and .set_up_ms.p99 >= .set_up_ms.p50 and
    .first_audio_ms.p50 >= .set_up_ms.p50 and
    .mos.p5 >= 1 and .mos.p50 >= .mos.p5' load.json)" true \
    "eight at once at most, with times and scores"

rp-dial --account switch.d/alice.conf --calls 2 --rate 100 \
    --json none.json nobody 2>none.err
is "$?" 13 "calls that fail are exit status 13"
is "$(jq -c '.failures' none.json)" '{"not_found":2}' "and counted by kind"
like "$(rp-dial --account switch.d/alice.conf --calls 2 --in pipe nobody 2>&1 \
    3<>pipe)" "a pipe cannot be shared" "nor is a pipe for all of them"
rp-dial --account switch.d/alice.conf --calls 2 --in missing nobody 2>in.err
is "$? $(cat in.err)" "1 rp-dial: missing: No such file or directory" \
    "what cannot be read is said before anybody is rung"

# A caller may begin thirty calls in a minute, and most of them are used. Calls
# under way are refused as well when a pause begins, but no more than eight.
RP_LOG=info start limited rp-dial --account switch.d/alice.conf --calls 1000 \
    --rate 100 --duration 0.1 --json limited.json bob
check "a caller that the switch limits pauses" wait_for 20 \
    grep -q "event=caller_paused status=429" limited.err
hurried() {
	[ "$(metric 'rp_quota_refused_total{row="call-caller"}')" -gt 24 ]
}
check "for as long as the switch says" never 1 hurried
stop limited INT
is "$(jq '.failures.limited > 0 and .begun < 100' limited.json)" true \
    "429 is a kind of its own: $(cat limited.json)"
stop bob
stop switch

start_switch second
echo_at_once 8 second
start load rp-dial --account second.d/alice.conf --calls 500 --rate 100 \
    --duration 600 --json stopped.json bob
eight_talk() {
	[ "$(rp-drain --status --json --socket second.d/control |
	    jq '.sessions | length')" = 8 ] &&
	    media_is '.rtp_packets > 5' second.d/control
}
check "eight calls run" wait_for 20 eight_talk
stop load HUP
is "$?" 13 "a closed terminal ends the run, as Ctrl-C does"
is "$(jq -c '[.calls, .begun == .completed + .failed, .completed > 0]' \
    stopped.json)" '[500,true,true]' "with its summary: $(cat stopped.json)"
is "$(jq .begun stopped.json)" 8 "a caller's ninth call had to wait, and none $(
    )began later"
gone() {
	rp-drain --status --json --socket second.d/control |
	    jq -e '.sessions == []'
}
check "and nobody is left in a call" wait_for 1 gone
finish
