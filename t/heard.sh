# Sourced after lib.sh by scenarios that check whether speech is heard.
#
# A busy machine delivers sound late, so that some of it is concealed, but not
# in each of a few calls. A fault of the product appears in each of them.

# fits SPOKEN HEARD LEAST: how well they fit, by segments of so many
# milliseconds and up to so many seconds late; the same pair is compared once.
fits_segment=200 fits_lag=3
fits() {
	rp_fit=$T/fit.$(basename "$1").$(basename "$2")
	[ "$rp_fit" -nt "$2" ] ||
	    "$RP_BUILD/t/tools/correlate" --segment $fits_segment \
	    --max-lag $fits_lag "$1" "$2" >"$rp_fit" || return
	cat "$rp_fit"
	awk -v least="$3" '{ sub(/.*correlation=/, "")
	    exit !($1 + 0 >= least) }' "$rp_fit"
}

# until_heard "SPOKEN HEARD LEAST..." COMMAND...: run a call, again if some of it
# was not heard, eight times at most. Fails if the call does, with its status.
until_heard() {
	rp_sounds=$1
	shift
	for rp_try in 1 2 3 4 5 6 7 8; do
		rm -f "$T"/fit.*
		"$@" || return
		# shellcheck disable=SC2086
		! all_fit $rp_sounds || return 0
	done
	return 0
}

all_fit() {
	while [ $# -gt 0 ]; do
		fits "$1" "$2" "$3" >"$T/fits.out" || return 1
		shift 3
	done
}
