#!/bin/sh
# An operator maintains the directory. rp-users lists, shows and removes what it
# added. A token is shown once and never stored. An import is all or nothing and
# names the line that is wrong. Every failure has its own exit status.
. "$(dirname "$0")/lib.sh"

db=sqlite:$T/rp.db
users() {
	rp-users --db "$db" "$@" 2>"$T/err"
}
status() {
	"$@" >/dev/null
	echo $?
}
sha() {
	printf %s "$1" | sha256sum | cut -d ' ' -f 1
}

is "$(status users list)" 2 "a directory that is missing: exit 2"
like "$(cat "$T/err")" "^rp-users: directory: .*rp.db: No such file" \
    "and says so"

token=$(users add carol)
like "$token" '^[A-Za-z0-9_-]{43}$' "add prints a token of 256 bits"
is "$(users show carol)" "carol	$(sha "$token")	-	-" \
    "the directory keeps its SHA-256"
is "$(strings -n 8 "$T"/rp.db* | grep -cF -e "$token")" 0 "and not the token"
is "$(stat -c %a "$T/rp.db")" 600 "only its owner can read the directory"

check "add --token-file" users add dave --token-file "$T/dave.token"
is "$(stat -c %a "$T/dave.token")" 600 "the token file is its owner's"
is "$(users show dave | cut -f 2)" "$(sha "$(cat "$T/dave.token")")" \
    "and holds the token"
is "$(status users add dave --token-file "$T/dave.token")" 1 \
    "it is never overwritten: exit 1"
is "$(users show dave | wc -l)" 1 "nor is the device added then"
token=$(users add carol)
is "$(users list)" "carol	2	-,-
dave	1	-" "list: a line a subscriber"
is "$(status users show erin)" 3 "an unknown number: exit 3"
is "$(status users remove erin)" 3 "nor can it be removed: exit 3"
check "remove" users remove dave
is "$(users list | cut -f 1)" carol "and it is gone"

{
	echo "# two devices, two forms"
	echo
	echo "frank $(sha a)"
	echo "{\"number\": \"grace\", \"token_sha256\": \"$(sha b)\"}"
} >"$T/good"
check "import" users import "$T/good"
is "$(users list | cut -f 1 | tr '\n' ' ')" "carol frank grace " \
    "adds what is in the file"
is "$(status users import "$T/good")" 4 "again: exit 4"
like "$(cat "$T/err")" "good:3: frank has that device already; nothing" \
    "and names the line"

# refused TEXT STATUS WHAT: an import that ends so, and adds nothing.
refused() {
	{
		echo "heidi $(sha h)"
		echo "$1"
	} >"$T/bad"
	is "$(status users import "$T/bad")" "$2" "import refuses: $3"
	like "$(cat "$T/err")" "bad:2: .*$3" "with file and line"
	is "$(status users show heidi)" 3 "and adds nothing"
}
refused "ivan" 1 "wants NUMBER TOKEN-SHA256-HEX"
refused "ivan 1234" 1 "64 hexadecimal digits"
refused "iv/an $(sha i)" 1 "invalid number"
refused "{\"number\": \"ivan\"}" 1 "wants \"number\" and"
refused "{\"number\": " 1 "is not JSON"
refused "$(printf '%2000s' x)" 1 "is too long"
refused "heidi $(sha h)" 4 "heidi has that device already"

{
	echo "judy $(sha j)"
	for i in $(seq 16); do
		echo "mallory $(sha "$i")"
	done
	echo "mallory $(sha 17)"
} >"$T/many"
is "$(status users import "$T/many")" 4 "a 17th device: exit 4"
like "$(cat "$T/err")" "many:18: mallory would have too many" "with its line"
is "$(status users show judy)" 3 "and nothing is imported"

seq 20000 | while read -r i; do
	printf 'n%s %064x\n' "$i" "$i"
done | users import -
is "$(users list | wc -l)" 20003 "20,000 devices from a pipe, listed again"

for arguments in "" "frob" "add" "add a b" "list x" "add a/b" \
    "list --token-file x" "--nonsense"; do
	# shellcheck disable=SC2086
	is "$(status users $arguments)" 1 "usage: '$arguments': exit 1"
done
echo "no database at all, just text" >"$T/text"
is "$(status rp-users --db "sqlite:$T/text" list 2>/dev/null)" 2 \
    "a file that is not a directory: exit 2"

# The page's examples, as printed there.
mkdir "$T/page"
cd "$T/page" || exit 1
examples=$(sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/p' "$RP_SRC/man/rp-users.8" |
    awk '/^\.Bd/ {on = 1; next} /^\.Ed/ {on = 0} on' |
    sed 's/^\$ //; s/\\e/\\/g')
check "the examples in rp-users(8) run" sh -ec "$examples"
is "$(rp-users --db sqlite:new.db list)" "carol	1	-" "and do what they say"
finish
