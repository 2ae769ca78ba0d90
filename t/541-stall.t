#!/bin/sh
# A stall. Nothing gets through for 1.3 s, and then all the held packets arrive
# at once. Speech from the stall is heard, late. Seconds later the delay is as
# short as before the stall.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/turn.sh"
command -v espeak-ng >/dev/null || skip_all "needs espeak-ng"
PATH=$RP_BUILD/t/tools:$PATH
cd "$T" || exit 1

espeak-ng -v en -w a.wav "When the sunlight strikes raindrops in the air, they
act as a prism and form a rainbow. The rainbow is a division of white light
into many beautiful colors. These take the shape of a long round arch, with
its path high above."
start_turnd relay -l 127.0.0.1:0
start call mediapair --server "$(ready relay.ready turn)" \
    --secret "$TURN_SECRET" --report pair.out --in-a a.wav --out-b heard.wav

# heard SECONDS: is so much of the recording there?
heard() {
	[ "$(stat -c %s heard.wav)" -ge $(($1 * 96000)) ]
}
check "a speaks, b hears" wait_for 30 heard 3
stop_relay=$(cat relay.pid)
kill -STOP "$stop_relay"
sleep 1.3	# the stall itself
kill -CONT "$stop_relay"
join call
is "$?" 0 "the call goes on to its end"
is "$(jq '.a.lost + .b.lost' pair.out)" 0 "nothing is lost: $(cat pair.out)"

# lag FROM: of the two seconds that are said from then on, in ms.
lag() {
	correlate --from "$1" --for 2 --min 0.8 a.wav heard.wav >lag.out ||
	    return
	sed 's/.*lag_ms=//' lag.out
}
before=$(lag 0.5)
check "what is said before it is heard" [ -n "$before" ]
after=$(lag 9)
check "what is said after it is heard" [ -n "$after" ]
more=$((${after:-9999} - ${before:-0}))
check "and as soon as before: $more ms later" [ "$more" -lt 200 ]
finish
