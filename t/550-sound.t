#!/bin/sh
# Sound goes in from a file or a pipe in any format, and comes out to files and
# pipes. What cannot be read is said before anybody is rung. What cannot be
# written is said with its reason, and the other side sees a call that ended
# well. A recording of before is kept until there is something to write.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/heard.sh"

PATH=$RP_BUILD/t/tools:$PATH
cd "$T" || exit 1
start_switch switch
alice="rp-dial --account $T/switch.d/alice.conf"
bob="rp-dial --account $T/switch.d/bob.conf"
espeak-ng -v en -w said.wav "The quick brown fox jumps over the lazy dog."

# refused WHY NAME COMMAND: to nobody, who is not even asked for: that is 3.
refused() {
	sh -c "$3" >out 2>err
	is "$? $(wc -l <err)" "1 1" "$2: exit 1 and one line"
	like "$(cat err)" "^rp-dial: (standard input|[^:]*): $1" "$2: why"
}
refused "MP4, which cannot be read" "an MP4 through a pipe" \
    "printf '\0\0\0\040ftypM4A 0000' | $alice --in - nobody"
refused "WAV: " "half a head through a pipe" \
    "head -c 30 said.wav | $alice --in - nobody"
refused "holds no audio" "nothing through a pipe" \
    "$alice --in - nobody </dev/null"
refused "holds no audio" "a head alone through a pipe" \
    "head -c 44 said.wav | $alice --in - nobody"
refused "text, which cannot be read from a pipe" "words for people" \
    "echo 'sh: espeak-ng: not found' | $alice --in - nobody"
refused "Is a directory" "a directory" "$alice --in / nobody"
refused "FLAC: |Ogg: " "a broken FLAC" \
    "printf 'fLaCxxxxxxxxxxxxxxxxxxxxxxxx' | $alice --in - nobody"

# bob_waits OPTION...
bob_waits() {
	rm -f bob.ready
	start bob $bob --answer --ready-file bob.ready "$@"
	wait_for 10 test -s bob.ready || fail "bob does not wait"
}

# records FILE COMMAND: bob records one call, which the command places.
records() {
	bob_waits --once --out "$1"
	sh -c "$2"
	rp_call=$?
	join bob
	return $rp_call
}

# Two calls, of which the second plays a FLAC, through a pipe, to its end.
check "a WAV with lengths that are not true, through a pipe" \
    until_heard "said.wav first.flac 0.9" records first.flac "espeak-ng -v en \
    --stdout 'The quick brown fox jumps over the lazy dog.' | $alice --in - bob"
check "bob has heard it" fits said.wav first.flac 0.9
two_sounds() {
	records second.wav "cat first.flac said.wav | $alice --in - bob" &&
	    tail -c 480000 second.wav >behind.raw
}
check "a FLAC through a pipe, and a WAV behind it" until_heard \
    "said.wav second.wav 0.9 said.wav behind.raw 0.9" two_sounds
check "bob has heard that" fits said.wav second.wav 0.9
check "and what was behind it" fits said.wav behind.raw 0.9

# Two calls in one process: the second hears the rest at the same rate. Each has
# a file of its own, and its line in the list.
mkfifo stream
echo kept >of-alice.wav
bob_waits --in stream --out of-%p.wav --json calls.jsonl
{ espeak-ng -v en --stdout "The quick brown fox jumps over the lazy dog."
tail -c +45 said.wav; } >stream &
check "a first call with a stream" $alice --duration 1 --in said.wav \
    --out a.wav bob
check "and a second" $alice --duration 4 --in said.wav --out b.wav bob
check "the stream keeps its format" \
    correlate --for 1.5 --max-lag 4 --min 0.9 said.wav b.wav
stop bob
is "$(cat of-alice.wav; ls of-*)" "kept
of-alice-2.wav
of-alice-3.wav
of-alice.wav" "each call has a file, and none of before is touched"
check "the second has its own sound" \
    correlate --min 0.9 said.wav of-alice-3.wav
is "$(jq -sc '[length, (map(.end_reason) | unique[])]' calls.jsonl)" \
    '[2,"completed"]' "and each has a line"
$bob --answer --out %q.wav 2>err
is "$? $(cat err)" "1 rp-dial: --out: %q.wav: wants %s, %p, %t or %%" \
    "a pattern of which we know nothing"

# What breaks in mid-call is told, after all that came before it was said.
head -c 40000 first.flac >part.flac
breaks() {
	bob_waits --once --out part.wav
	cat said.wav part.flac | $alice --in - bob 2>err
	broken="$? $(cat err)"
	join bob
	correlate --min 0.9 --max-lag 0.4 said.wav part.wav
}
check "bob hears what comes before a sound breaks" once_in 3 breaks
is "$broken" "1 rp-dial: bob: standard input: broken, or cut off" \
    "which is told"

# What cannot be written. libsndfile loses what libvorbis made when a file is
# full at its end.
printf 'leak:libogg\nleak:libvorbis\n' >"$T/lsan"
export LSAN_OPTIONS="suppressions=$T/lsan:print_suppressions=0"
bob_waits --echo
$alice --in said.wav --out - bob 2>err | head -c 20000 >out
like "$(cat err)" "^rp-dial: bob: standard output: Broken pipe$" \
    "a reader that goes away"
$alice --in said.wav --out - bob >/dev/full 2>err
is "$? $(cat err)" "1 rp-dial: bob: standard output: No space left on device" \
    "a full device"
$alice --duration 1 --stats=0.2 bob >/dev/full 2>err
is "$? $(cat err)" "1 rp-dial: bob: --stats: standard output: No space left on\
 device" "figures that cannot be written"
for f in x.wav x.flac x.ogg x.au; do
	(ulimit -f 8 && exec $alice --in said.wav --out $f bob) 2>err
	is "$? $(cat err)" "1 rp-dial: bob: $f: File too large" "a full $f"
done
# One second of Opus is a page, which is written at the end.
(ulimit -f 2 && exec $alice --in said.wav --duration 0.5 --out x.opus bob) 2>err
is "$? $(cat err)" "1 rp-dial: bob: x.opus: File too large" \
    "an x.opus that is full at its end"
is "$(grep -c dropped bob.err)" 0 "bob sees calls that ended well"

# What is there is kept until there is something else.
cp said.wav kept.wav
$alice --out kept.wav nobody 2>err
check "a recording of before is kept" cmp said.wav kept.wav
$alice --out new.wav nobody 2>err
is "$(ls new.wav 2>&1 | grep -c cannot)" 1 "and none is left that is empty"
mkfifo pipe.wav
into_fifo() {
	cat pipe.wav >piped.raw &
	$alice --in said.wav --out pipe.wav bob
	rp_call=$?
	wait $!
	return $rp_call
}
check "a FIFO" until_heard "said.wav piped.raw 0.9" into_fifo
check "has the samples" fits said.wav piped.raw 0.9
is "$(stat -c %F pipe.wav)" fifo "and is still one"
stop bob
finish
