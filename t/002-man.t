#!/bin/sh
# Every tool answers --version and --help. Each has a man page that passes
# mandoc's lint and names every option that --help names. bash completes these
# options, and what they take.
. "$(dirname "$0")/lib.sh"

command -v mandoc >/dev/null || skip_all "mandoc is missing"

for page in "$RP_SRC"/man/*.[1-8]; do
	is "$(mandoc -T lint -W warning "$page" 2>&1 | grep -v 'outdated mandoc.db')" "" \
	    "$(basename "$page") is well formed"
done

is "$("$RP_SRC/scripts/man-quote" -c)" "" \
    "rp-signal(7) quotes the page's modules (scripts/man-quote)"

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

completion=/usr/share/bash-completion/bash_completion
if [ ! -e $completion ]; then
	skip "completion" "bash-completion is missing"
	finish
fi
cat >"$T/complete" <<'EOF'
. "$1"
. "$2"
shift 2
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*"
COMP_POINT=${#COMP_LINE}
[[ $(complete -p "$1") == *' -F _rp '* ]] || exit
_rp "$1" "${@: -1}" "${@: -2:1}"
printf '%s\n' "${COMPREPLY[@]}" | sort
EOF
# completes WORD...: what the last of them may become.
completes() {
	bash "$T/complete" $completion "$RP_SRC/contrib/completion/rp.bash" \
	    "$@" 2>&1
}
for main in "$RP_SRC"/bin/*/main.c; do
	tool=$(basename "$(dirname "$main")")
	is "$(completes "$tool" --)" "$("$tool" --help |
	    grep -oE -e '--[a-z][a-z-]+' | sort -u)" \
	    "bash completes $tool's options"
done
: >"$T/file.conf"
mkdir "$T/folder"
for words in "rp-switchd -c" "rp-dial --account" "rp-pushsend -c" \
    "rp-pushsend --config" "rp-users --db-file" "rp-regionprobe --zone" \
    "rp-drain --socket" "rp-users import"; do
	# shellcheck disable=SC2086
	is "$(completes $words "$T/fi")" "$T/file.conf" \
	    "$words: and files, where one is taken"
done
is "$(completes rp-switchd --dev "$T/")" "$T/folder" "a folder"
is "$(completes rp-regionprobe --format knot | xargs)" "knot knot-geodb" \
    "a format"
is "$(completes rp-users re | xargs)" "relay-user remove revoke revoke-guest" "a command"
is "$(completes rp-drain --timeout "")" "" "and nothing for a number"
finish
