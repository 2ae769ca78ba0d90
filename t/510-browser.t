#!/bin/sh
# rp-dial's media engine talks to a stock WebRTC stack through our relay:
# headless Chromium with iceTransportPolicy "relay". Each end offers once, and
# speech is heard both ways. Chromium sends its ClientHello in several fragments
# and offers DTLS 1.3. It is the DTLS client in the first call and the server in
# the second. Runs in a network namespace of its own.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/turn.sh"
. "$(dirname "$0")/browser.sh"
command -v espeak-ng >/dev/null || skip_all "needs espeak-ng"
browser_need "$0" "$@"
PATH=$RP_BUILD/t/tools:$PATH
cd "$T" || exit 1

espeak-ng -v en -w a.wav "The quick brown fox jumps over the lazy dog."
espeak-ng -v de -w b.wav "Zwei Leute wollen jetzt miteinander reden."
start_turnd relay -l 10.77.0.2:0 -q 16
turn=$(ready relay.ready turn)

# call NAME BROWSER-OFFERS ENGINE-OPTION...: a.wav is the engine's to say.
call() {
	rp_call=$1
	rp_offers=$2
	shift 2
	start "engine-$rp_call" mediaend --server "$turn" \
	    --secret "$TURN_SECRET" --call "$rp_call" --in a.wav \
	    --out "$rp_call-a.wav" --mine "$rp_call-a.sdp" \
	    --theirs "$rp_call-b.sdp" --seconds 5 "$@"
	rp_user=$(username "$rp_call" b)
	browse talk.html "urls=turn:$turn&user=$rp_user&pass=$(
	    encoded "$(password "$rp_user")")&offer=$rp_offers$(
	    )&mine=$rp_call-b.sdp&theirs=$rp_call-a.sdp&speech=b.wav$(
	    )&heard=$rp_call-b.raw&seconds=4" >"$rp_call.json"
	join "engine-$rp_call"
}

# Does what is in both recordings of call NAME fit what was spoken?
fits_both() {
	correlate --segment 100 --min 0.9 b.wav "$1-a.wav" >/dev/null &&
	    correlate --segment 100 --min 0.9 a.wav "$1-b.raw" >/dev/null
}

# good_call NAME ...: as call, and again, twice at most, if speech was late. A
# browser without a processor conceals and stretches what it hears, though not in
# each of three calls; what the engine gets wrong it gets wrong in each.
good_call() {
	for rp_try in 1 2 3; do
		rm -f "$1"-[ab].*
		call "$@" || return
		! fits_both "$1" || return 0
	done
	return 0
}

# heard NAME: what both ends make of it. (The browser stretches what it says to
# its own clock and what it hears to the delay that it thinks right.)
heard() {
	check "$1: the engine hears the browser" \
	    correlate --segment 100 --min 0.9 b.wav "$1-a.wav"
	check "$1: the browser hears the engine" \
	    correlate --segment 100 --min 0.9 a.wav "$1-b.raw"
	like "$(cat "engine-$1.out")" '"mos": 4\.' "$1: the score is good"
	is "$(jq '.lost + .remote_lost' "$1.json")" 0 \
	    "$1: the browser's reports agree: $(cat "$1.json")"
}

good_call ours "" --offer
is "$?" 0 "the engine offers, the browser answers"
heard ours
is "$(jq -r .role ours.json)" client "ours: the browser is the DTLS client"

good_call theirs 1
is "$?" 0 "the browser offers, the engine answers"
heard theirs
is "$(jq -r .role theirs.json)" server "theirs: the browser is the DTLS server"
finish
