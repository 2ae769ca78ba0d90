# Sourced after lib.sh and browser.sh by scenarios in which two parties in a
# browser, or in two, have the TURN servers that they are given and nothing else.
#
#	pair LIST NAME A B [MEMBERS]	add a pair to the list
#	pairs_meet LIST [AT-ONCE]	all of it in one browser
#	pairs_apart LIST BROWSER-A BROWSER-B	each party in a browser of its own
#	pair_has LIST NAME FILTER	what jq makes of that pair's result
#
# A and B are iceServers in JSON, as servers makes them or as a service hands them
# out. What else a pair has, and its result, see t/tools/pairs.html.

# servers URL USERNAME PASSWORD
servers() {
	jq -nc --arg url "$1" --arg user "$2" --arg pass "$3" \
	    '[{urls: [$url], username: $user, credential: $pass}]'
}

pair() {
	jq -nc --arg name "$2" --argjson a "$3" --argjson b "$4" \
	    "{\$name, \$a, \$b} + ${5:-{\}}" >>"$T/$1.lines"
}

pairs_list() {
	jq -s . "$T/$1.lines" >"$T/$1.cells"
}

pairs_meet() {
	pairs_list "$1"
	browse pairs.html "cells=$1.cells&at_once=${2:-8}" >"$T/$1.json"
}

# Fails unless both are content.
pairs_apart() {
	pairs_list "$1"
	pairs_side "$1" a "$2" &
	rp_pairs=$!
	pairs_side "$1" b "$3"
	rp_status=$?
	wait $rp_pairs || rp_status=$?
	jq -s '{ok: map(.ok) | all, cells: (.[0].cells * .[1].cells | with_entries(
	    .value.ok = ([.value.a, .value.b] | map(has("why") | not) | all)))}' \
	    "$T/$1.a.json" "$T/$1.b.json" >"$T/$1.json"
	return $rp_status
}

pairs_side() {
	browser_runs=$3
	browse pairs.html "cells=$1.cells&side=$2" >"$T/$1.$2.json"
}

pair_has() {
	jq -r --arg name "$2" ".cells[\$name] | $3" "$T/$1.json"
}
