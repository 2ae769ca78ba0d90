#!/bin/sh
# What the jitter buffer makes of speech in bad weather, by what is understood
# and how late it is heard. The packets and their times are the same on each
# machine, because no network and no clock takes part. The figures beside those
# of Chromium are in t/bench/sound.
. "$(dirname "$0")/lib.sh"
command -v espeak-ng >/dev/null || skip_all "needs espeak-ng"
PATH=$RP_BUILD/t/tools:$PATH
cd "$T" || exit 1
espeak-ng -v en -w a.wav "When the sunlight strikes raindrops in the air, they
act as a prism and form a rainbow. The rainbow is a division of white light into
many colors."

# hear WEATHER STOI LAG: at least so much is understood, and it is heard so many
# ms later in the mean at most. The path has 47 of these.
hear() {
	loss=0
	most_s=0.3
	case $1 in
	loss:*) loss=${1#loss:} ;;
	stall:*) most_s=1.3 ;;
	esac
	soundcast --in a.wav --weather "$1" --trace >trace &&
	    playout --lead 2 --loss "$loss" a.wav heard.wav <trace >played &&
	    stoi --max-lag "$most_s" --shift -2000 a.wav heard.wav >heard.json
	check "$1: $(jq -c '[.stoi, .lag_ms]' heard.json)" jq -e \
	    ".stoi >= $2 and .lag_ms <= $3" heard.json
}
hear none 0.98 70
hear stall:300 0.96 150
hear stall:1000 0.93 500
hear loss:5 0.93 70
hear burst:60 0.94 70
hear jitter:80 0.97 150
finish
