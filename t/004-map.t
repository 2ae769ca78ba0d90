#!/bin/sh
# What the documents say of the tree is so. Every link leads somewhere; every
# path, file name and make target in README.md, docs, CONTRIBUTING.md,
# SECURITY.md and DESIGN exists; the maps name folders that exist, and README's
# names all that have sources. README has each tool with its page, figures that
# a run has printed, and a transcript of today's scripts/quickstart. The reasons
# of the gate and the keys of the ready file are on their pages.
. "$(dirname "$0")/lib.sh"
cd "$RP_SRC" || exit 1

pages="README.md CONTRIBUTING.md SECURITY.md docs/architecture.md
docs/benchmarks.md"
design=$(ls DESIGN.md DESIGN 2>/dev/null | head -n 1)
docs() {
	perl t/tools/docs.pl "$@" 2>&1
}

# shellcheck disable=SC2086
is "$(docs links $pages docs/man/*.md)" "" "every link leads somewhere"
for page in $pages $design; do
	is "$(docs paths "$page")" "" "what $page names exists"
done
is "$(docs map README.md)" "" "README's map has folders that exist"
is "$(docs unmapped README.md)" "" "README's map has every folder of sources"
is "$(docs map "$design" | grep -v 'has no map')" "" \
    "$design's map, if it has one, has folders that exist"

# README's tools and bin's.
sed -nE 's,^\| \[(rp-[a-z]+)\(([0-9])\)\]\(docs/man/\1\.\2\.md\) \|.*,\1,p' \
    README.md | sort >"$T/listed"
for main in bin/*/main.c; do
	basename "$(dirname "$main")"
done | sort >"$T/tools"
is "$(diff "$T/tools" "$T/listed")" "" "README's table has every tool"

sed -n '/^## Measured/,/^## Status/p' README.md | grep '^|' >"$T/figures"
like "$(wc -l <"$T/figures")" "^ *[1-9]" "README has figures"
is "$(grep -vxFf docs/benchmarks.md "$T/figures")" "" \
    "README's figures are those of docs/benchmarks.md"

# The transcript's lines, up to what differs from run to run.
sed -n '/^Starting a switch/,/^```/p' README.md |
    sed -nE -e 's/^(  [a-z][a-zA-Z() ]*[a-z)])  +[^ ].*/\1  /p' \
	-e 's/^([A-Z].*\.\.\.)$/\1/p' >"$T/labels"
like "$(wc -l <"$T/labels")" "^ *1[0-9]" "README shows a run of the quickstart"
while IFS= read -r label; do
	grep -qsF "$label" scripts/quickstart || printf '%s\n' "$label"
done <"$T/labels" >"$T/unknown"
is "$(cat "$T/unknown")" "" "the quickstart prints what README shows"

# What the pages say of the code.
gate=$(find bin/rp-switchd -name gate.c)
reasons=$(sed -nE 's/.*\{ GATE_[A-Z_]+, "([a-z-]+)" \}.*/\1/p' "$gate")
like "$reasons" "^draining$" "the test finds the gate's reasons"
missing=
for reason in $reasons; do
	grep -qE "^\.(Ql|Li|Cm|Sy) $reason( |\$)" man/rp-signal.7 ||
	    missing="$missing $reason"
done
is "$missing" "" "rp-signal(7) has each reason of the gate"

keys=$(grep -rhoE 'add_line\(text, "[a-z_]+"' bin/rp-switchd |
    sed 's/.*"\(.*\)"/\1/' | sort -u)
like "$keys" "^answer$" "the test finds the ready file's keys"
missing=
for key in $keys; do
	grep -qE "^\.(Cm|Ic|Va|Ql|Li) $key( Ns)? ?=" man/rp-switchd.8 ||
	    missing="$missing $key"
done
is "$missing" "" "rp-switchd(8) has each key of the ready file"
finish
