#!/bin/sh
# The simulation finds mistakes. One of t/sim/mutants/list is made in the product,
# and two more at once: the commit says which, so that all have their turn.
# Nothing is found in the product as it is, and what is not found is told.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/simulate.sh"

grep -v '^#' "$sim/mutants/list" | cut -f 1 >"$T/names"
n=$(wc -l <"$T/names")
# turn N: the mistake whose turn it is, and those that follow.
turn() {
	sed -n "$(((start + $1) % n + 1))p" "$T/names"
}
start=$(git -C "$RP_SRC" rev-list --count HEAD 2>/dev/null) || start=0
one=$(turn $((start * 2))) two=$(turn $((start * 2 + 1)))+$(turn $((start * 2 + 2)))

check "each mistake still changes one line" "$sim/mutate.sh" --check \
    "$T/checked" "$(paste -s -d + "$T/names")"
# judge OPTION...: the slowest takes half a minute of a quiet processor.
judge() {
	"$sim/judge.pl" -t 120 "$@" >"$T/table" 2>&1
	status=$?
	sed 's/^/# /' "$T/table"
}
# found NAME: the row of the table says so.
found() {
	awk -v name="$1" '$1 == name && $2 != "nothing" { found = 1 }
	    END { exit !found }' "$T/table"
}

judge -j 2 "$RP_BUILD" "$T/world" "$one" "$two"
# Where the log ends: what failed in the product, or was not found in a mutant.
case $status in
1) last_words="t/sim/judge.pl -t 120 BUILD FOLDER $one $two" ;;
2) last_words=$(tail -n 3 "$T/table") ;;
esac
like "$(head -n 1 "$T/table")" "^none +nothing " \
    "nothing is found in the product as it is"
check "a mistake is found: $one" found "$one"
check "two are found: $two" found "$two"
is "$status" 0 "all were found"
judge -m 1 "$RP_BUILD" "$T/world" uncounted-end unsaid-while-away
is "$status" 1 "what a single run does not find is told"
like "$(cat "$T/table")" "unsaid-while-away +nothing " "by its name"
check "and another is found by it" found uncounted-end
judge "$RP_BUILD" "$T/world" no-such
is "$(cat "$T/table")" "judge.pl: no-such: not in mutants/list" \
    "unknown ones are refused"
finish
