#!/bin/sh
# Every tool answers --version and --help. Each has a man page that passes
# mandoc's lint and names every option that --help names.
. "$(dirname "$0")/lib.sh"

command -v mandoc >/dev/null || skip_all "mandoc is missing"

for page in "$RP_SRC"/man/*.[1-8]; do
	is "$(mandoc -T lint -W warning "$page" 2>&1 | grep -v 'outdated mandoc.db')" "" \
	    "$(basename "$page") is well formed"
done

for main in "$RP_SRC"/bin/*/main.c; do
	tool=$(basename "$(dirname "$main")")
	like "$("$tool" --version)" "^$tool [0-9][0-9.]* \(build ([0-9a-f]{16,64}|unknown)\)\$" \
	    "$tool --version"
	check "$tool --help exits 0" "$tool" --help
	page=$(ls "$RP_SRC"/man/"$tool".[18] 2>/dev/null)
	if [ -z "$page" ]; then
		fail "$tool has a man page"
		continue
	fi
	mandoc -T ascii "$page" | col -b >"$T/page"
	missing=
	for option in $("$tool" --help 2>&1 | grep -oE -e '--[a-z][a-z-]+' | sort -u); do
		grep -q -e "$option" "$T/page" || missing="$missing $option"
	done
	is "$missing" "" "$tool's page has each option of --help"
done
finish
