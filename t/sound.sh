# Sourced after lib.sh, turn.sh and browser.sh by what compares the sound of our
# engine with that of Chromium. Both get the same packets at the same instants.

PATH=$RP_BUILD/t/tools:$PATH

# sound_open TEXT: a.wav says it; a relay.
sound_open() {
	cd "$T" || exit 1
	espeak-ng -v en -w a.wav "$1"
	start_turnd relay -l 10.77.0.2:0 -q 16
	sound_turn=$(ready relay.ready turn)
}

# sound_case NAME WEATHER: NAME-ours.json and NAME-chromium.json are stoi's
# output, and NAME-page.json is what Chromium counted. Fails if a call does.
sound_case() {
	rp_case=$1
	rp_user=$(username "$rp_case-chromium" b)
	start "cast-$rp_case" soundcast --server "$sound_turn" \
	    --secret "$TURN_SECRET" --in a.wav --weather "$2" \
	    "$rp_case-ours" "$rp_case-chromium"
	start "ours-$rp_case" mediaend --server "$sound_turn" \
	    --secret "$TURN_SECRET" --call "$rp_case-ours" --party b \
	    --out "$rp_case-ours.wav" --mine "$rp_case-ours.answer" \
	    --theirs "$rp_case-ours.offer" --until "$rp_case.over"
	browse listen.html "urls=turn:$sound_turn&user=$rp_user&pass=$(
	    encoded "$(password "$rp_user")")&mine=$rp_case-chromium.answer$(
	    )&theirs=$rp_case-chromium.offer&heard=$rp_case-chromium.raw$(
	    )&until=$rp_case.over" >"$rp_case-page.json" 2>"$rp_case-page.err" &
	rp_page=$!
	join "cast-$rp_case" || return
	sleep 3		# for what waits in the buffers
	echo over >"$rp_case.over"
	wait "$rp_page" && join "ours-$rp_case" || return
	sound_measure "$(jq .began "ours-$rp_case.out")" said \
	    "$rp_case-ours.wav" >"$rp_case-ours.json"
	sound_measure "$(jq .began "$rp_case-page.json")" said_wall \
	    "$rp_case-chromium.raw" >"$rp_case-chromium.json"
}

# sound_steady NAME: did both ears hear all the time? On a busy machine they do
# not run in time, so that they leave out time, and their lags mean nothing.
sound_steady() {
	jq -en --slurpfile o "ours-$1.out" --slurpfile p "$1-page.json" \
	    --argjson bytes "$(stat -c %s "$1-ours.wav")" '
	    ($o[0].ended - $o[0].began - $bytes / 96000) < 0.06 and
	    $p[0].strayed_ms < 40' >/dev/null
}

# sound_measure BEGAN CLOCK HEARD
sound_measure() {
	stoi --max-lag 4 --shift "$(jq --argjson began "$1" \
	    "(\$began - .$2) * 1000" "cast-$rp_case.out")" a.wav "$3"
}
