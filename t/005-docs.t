#!/bin/sh
# docs/man is what `make docs` makes of the man pages today. Each man page has
# its file there, no file is left without its page, and no line of a display or
# row of a table is lost.
. "$(dirname "$0")/lib.sh"
cd "$RP_SRC" || exit 1

command -v mandoc >/dev/null || skip_all "mandoc is missing"

# lines FILE: of a page's displays, and its tables' rows.
lines() {
	awk '/^\.Bd -literal/ { display = 1; next }
		/^\.Ed/ { display = 0 }
		/^\.Bl -column/ { table = 1 }
		/^\.El/ { table = 0 }
		display || /^\.Dl / || (table && /^\.It /) { n++ }
		END { print n + 0 }' "$1"
}

# converted FILE: the same of the Markdown.
converted() {
	awk '/^ *```/ { display = !display; next }
		/^ *\|( --- \|)+$/ { next }
		display || /^ *\| / { n++ }
		END { print n + 0 }' "$1"
}

for page in man/*.[1-8]; do
	is "$(scripts/man2md "$page" 2>&1 | diff - "docs/$page.md" 2>&1 |
	    head)" "" "docs/$page.md is fresh (make docs)"
	is "$(converted "docs/$page.md")" "$(lines "$page")" \
	    "docs/$page.md has all of the page's displays and tables"
done
for page in docs/man/*.md; do
	[ -e "man/$(basename "$page" .md)" ] || echo "$page"
done >"$T/stale"
is "$(cat "$T/stale")" "" "each file in docs/man has its man page"
finish
