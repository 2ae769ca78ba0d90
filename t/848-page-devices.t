#!/bin/sh
# The page and the devices of a real browser, Chromium and Firefox, whose sound
# server is the test's own. The page speaks to itself by a headset, which is then
# unplugged: the built-in microphone goes on. It has the figures of its quality line
# from both browsers. The screen's lock and the system's controls are real, too.
# When the call is over, nothing records any more. Chromium freezes the page.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/web.sh"
web_need "$0" "$@"
pulse_need
command -v espeak-ng >/dev/null || skip_all "needs espeak-ng"
pulse_open

mkdir "$T/site"
cp -r "$RP_SRC/contrib/web/js" "$RP_SRC"/t/tools/devices/* "$T/site"
web_serve site "$T/site"
url=$(ready "$T/site.ready" web)

# Somebody speaks all the time, into both microphones.
espeak-ng -v en -w "$T/speech.wav" "Well, the quick brown fox jumps over it all."
plug() {
	pactl load-module module-remap-source "source_name=$1" \
	    master=voice.monitor "source_properties=device.description=$1"
}
speaker() {
	pactl load-module module-null-sink "sink_name=$1" \
	    "sink_properties=device.description=$1"
}
speaker voice >/dev/null
speaker kitchen >/dev/null
plug builtin >/dev/null
pactl set-default-source builtin
pactl set-default-sink sink
start voice sh -c 'while paplay --device=voice "$0"; do :; done' "$T/speech.wav"

# Is this so, of the page?
so() {
	is "$(web "$browser" eval "$1")" "$2" "$browser: $3"
}
becomes() {
	check "$browser: $2" web "$browser" until "$1"
}
# A page that was frozen stays in the background until the user comes back to it.
seen() {
	(web_tab=other && web chromium open "$url/" && web chromium front)
	web chromium front
}
# The microphones that we made record as well, and are no clients.
records() {
	pactl list short source-outputs | awk '$3 != "-" { any = 1 }
	    END { exit !any }'
}
plays_on() {
	rp_sink=$(pactl list short sinks | awk -v name="$1" '$2 == name {print $1}')
	pactl list short sink-inputs | awk -v sink="$rp_sink" \
	    '$2 == sink && $4 == "protocol-native.c" { any = 1 }
	    END { exit !any }'
}

for browser in $web_browsers; do
	headset=$(plug headset)
	web_start "$browser" "$browser" microphone=no
	web "$browser" open "$url/"
	# Labels are for those who may use a microphone.
	so "rp.failure()" "none fails" "a microphone opens"
	so "rp.call('headset').then(() => rp.label())" headset \
	    "a call by the headset, which is chosen"
	so "rp.phone.source.track.getSettings().echoCancellation" true \
	    "without an echo"
	becomes "rp.energy().then((all) => all > 0.0001)" "it hears itself"
	becomes "rp.loudest() > 0.2" "and sees how loud it is"
	so "rp.sample().then((q) => q.mos > 1 && q.mos <= 4.5 &&
	    q.loss >= 0 && q.loss <= 100 && q.jitter_ms >= 0 &&
	    q.rtt_ms >= 0)" true "it has a score and its figures: $(
	    web "$browser" eval "rp.sample()")"
	so "rp.stats().then((all) => {
		const sound = all.find(({ type }) => type === 'inbound-rtp');
		return ['totalSamplesReceived', 'concealedSamples', 'jitter',
		    'jitterBufferDelay', 'jitterBufferEmittedCount',
		    'packetsLost'].filter((name) => !(name in sound)).join();
	    })" "" "by statistics of the browser's own, all of them"
	becomes "rp.speak('kitchen')" "another loudspeaker plays"
	check "$browser: that one, in fact" wait_for 10 plays_on kitchen

	web "$browser" eval "rp.forget()" >"$T/forget.out"
	pactl unload-module "$headset"
	becomes "rp.told.includes('replaced')" "the headset is unplugged"
	so "/builtin|Default/.test(rp.label())" true \
	    "the built-in microphone goes on"
	web "$browser" eval "rp.mark()" >"$T/mark.out"
	becomes "rp.grown()" "and is heard"

	if [ "$browser" = chromium ]; then
		web chromium eval "rp.forget()" >"$T/forget.out"
		web chromium freeze on
		web chromium freeze off
		seen
		becomes "rp.told.includes('restored')" "a frozen page comes back"
		so "rp.told.slice(0, 2).join()" "interrupted frozen,restored" \
		    "it has told so first"
		becomes "rp.told.includes('replaced')" \
		    "and opens the microphone anew"
		web chromium eval "rp.mark()" >"$T/mark.out"
		becomes "rp.grown()" "and is heard again"
	fi

	becomes "rp.held()" "the screen stays on"
	so "navigator.mediaSession.metadata.title" bob "the system knows of whom"
	check "$browser: and records" records
	so "(rp.actions.hangup ?? rp.actions.stop)(), rp.told.at(-1)" "hung up" \
	    "the system's control hangs up"
	becomes "!rp.held()" "then the screen may go dark"
	web "$browser" eval "rp.end()" >"$T/end.out"
	check "$browser: and nothing records" wait_for 20 fails records
	so "rp.phone.source.stream.getTracks().every((one) =>
	    one.readyState === 'ended')" true "no track is left"
	so "navigator.mediaSession.metadata" null "the system knows of no call"
	web_stop "$browser"

	web_start "$browser" "$browser" microphone=denied
	web "$browser" open "$url/"
	so "rp.failure()" denied "a user who says no"
	web_stop "$browser"
done
[ -z "$web_without" ] || skip "the same in the other browser" "$web_without"
finish
