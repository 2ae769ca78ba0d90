#!/bin/sh
# An operator maintains the directory. rp-users lists, shows and removes what it
# added. A token is shown once and never stored. An import is all or nothing and
# names the line that is wrong. A device is a thing of its own, which can be
# looked at and revoked, and a number can be blocked. A token that nobody could
# read leaves no device. Every failure has its own exit status.
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
refused ".. $(sha i)" 1 "dots only"
refused "{\"number\": \"-x\", \"token_sha256\": \"$(sha i)\"}" 1 \
    "must not begin with -"
refused "{\"number\": \"ivan\", \"blocked\": \"yesterday\"}" 1 "wants a time"
refused "{\"number\": \"ivan\", \"blocked\": \"2026-02-30T00:00:00Z\"}" 1 \
    "wants a time"
refused "{\"number\": \"ivan\", \"token_sha256\": \"$(sha i)\", \"x\": 1}" 1 \
    "unknown member \"x\""
refused "{\"number\": \"ivan\", \"token_sha256\": \"$(sha i)\", \"push\": \"x\"}" \
    1 "wants a registration"
refused "{\"number\": \"ivan\"}" 1 "wants \"number\" and"
refused "{\"number\": " 1 "is not JSON"
refused "$(printf '%20000s' x)" 1 "is too long"
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

printf '\357\273\277# of Windows\r\nzed %s\r\n' "$(sha z)" >"$T/bom"
check "a byte order mark and CRLF do no harm" users import "$T/bom"
is "$(users list z)" "zed	1	-" "and list takes the first letters of a number"

seq 20000 | while read -r i; do
	printf 'n%s %064x\n' "$i" "$i"
done | users import -
is "$(users list | wc -l)" 20004 "20,000 devices from a pipe, listed again"

for arguments in "" "frob" "add" "add a b" "list x y" "add a/b" "add .." \
    "add -- -x" "list --token-file x" "show --json carol" "revoke carol" \
    "revoke carol 1234567" "revoke carol 1234567g" "push carol" "init x" \
    "list --db-file $T/url" "push carol --timeout 0" "--nonsense"; do
	# shellcheck disable=SC2086
	is "$(status users $arguments)" 1 "usage: '$arguments': exit 1"
done
echo "no database at all, just text" >"$T/text"
is "$(status rp-users --db "sqlite:$T/text" list 2>/dev/null)" 2 \
    "a file that is not a directory: exit 2"

# Devices.
day=$(date -u +%F)
id=$(users devices carol | head -n 1 | cut -f 1)
is "$(users show carol | cut -f 2 | head -n 1 | cut -c 1-8)" "$id" \
    "devices: the first digits of the hash"
like "$(users devices carol | head -n 1)" \
    "^$id	${day}T[0-9:]{8}Z	-	-	-	-\$" "when added, and no more yet"
is "$(users devices --json carol |
    jq -r '"\(.number) \(.devices | length) \(.devices[0].id)"')" \
    "carol 2 $id" "and as JSON"
is "$(status users revoke carol 00000000)" 3 "revoke: no such device: exit 3"
like "$(cat "$T/err")" "carol: has no device 00000000" "with a line"
is "$(status users revoke nobody "$id")" 3 "no such subscriber: exit 3"
printf 'twin deadbeef%056d\ntwin deadbeef%056d\n' 1 2 | users import -
is "$(status users revoke twin DEADBEEF)" 4 "two that begin so: exit 4"
like "$(cat "$T/err")" "twin: has several devices that begin with" \
    "with a line"
is "$(users devices twin | cut -f 1 | cut -c 57-)" "00000001
00000002" "devices: as many digits as tell them apart"
check "revoke" users revoke carol "$id"
is "$(users devices carol | cut -f 1 | grep -c "$id")" 0 "and it is gone"
is "$(users devices carol | wc -l)" 1 "the other is not"

# Blocks.
check "block" users block carol
check "a number without devices, too" users block heidi
like "$(users blocked)" "^carol	${day}T[0-9:]{8}Z\$" "blocked: since when"
is "$(users list carol)" "carol	1	-	blocked" "list tells it"
is "$(users list heidi)" "heidi	0		blocked" "of both"
is "$(status users add heidi)" 4 "a blocked number gets no device: exit 4"
like "$(cat "$T/err")" "heidi: is blocked" "with a line"
check "unblock" users unblock heidi
is "$(status users unblock heidi)" 3 "twice: exit 3"
check "and it gets one again" users add heidi
sqlite3 "$T/rp.db" "UPDATE block SET since_s = 1600000000"
check "block again" users block carol
is "$(users blocked)" "carol	2020-09-13T12:26:40Z" "the first date stays"

# A token that cannot be written leaves no device.
is "$(users add ursula >/dev/full; echo $?)" 1 "add to a full disk: exit 1"
is "$(status users show ursula)" 3 "and no device without a token"
is "$({ users add ursula; echo $? >"$T/piped"; } | :; cat "$T/piped")" 1 \
    "add to a pipe that nobody reads: exit 1"
is "$(status users show ursula)" 3 "nor is it there"

# What is there already can be removed, whatever its number is.
for number in . .. -x; do
	sqlite3 "$T/rp.db" "INSERT INTO device (number, token_hash, added_s)
	    VALUES ('$number', randomblob(32), 1)"
	check "remove $number" users remove -- "$number"
done

# The directory's name, from elsewhere than the command line.
mkdir "$T/etc"
echo "directory = \"sqlite:../rp.db\"; other: { x = 1; };" >"$T/etc/rp.conf"
is "$(rp-users --config "$T/etc/rp.conf" show carol)" "$(users show carol)" \
    "--config: the directory of a switch"
printf '  %s\r\n\n' "$db" >"$T/url"
is "$(rp-users --db-file "$T/url" show carol)" "$(users show carol)" \
    "--db-file: the URL stands in a file"
is "$(status rp-users --config "$T/none" list 2>/dev/null)" 1 \
    "no such file: exit 1"

# An empty directory.
check "init" rp-users --db "sqlite:$T/init.db" init
is "$(rp-users --db "sqlite:$T/init.db" list; echo $?)" 0 "makes an empty one"
users list >"$T/before"
check "init of one that is there" users init
is "$(users list)" "$(cat "$T/before")" "changes nothing"
is "$(status rp-users --db "sqlite:$T/no/rp.db" init 2>/dev/null)" 2 \
    "where none can be made: exit 2"

# As root, for a switch that runs as another user: whoever comes first, the
# directory belongs to the owner of its folder.
if [ "$(id -u)" = 0 ]; then
	mkdir "$T/other"
	ln -s made "$T/other/link.db"
	chown nobody "$T/other"
	chmod 711 "$T"
	check "as root: init in another's folder" \
	    rp-users --db "sqlite:$T/other/rp.db" init
	rp-users --db "sqlite:$T/other/rp.db" add dora >/dev/null
	rp-users --db "sqlite:$T/other/link.db" init
	is "$(cd "$T/other" && stat -c '%U %a %n' -- rp.db made)" \
	    "nobody 600 rp.db
root 600 made" "gives it to the owner, and nothing behind a link"
	check "who can use it" setpriv --reuid nobody --clear-groups \
	    env PATH="$PATH" rp-users --db "sqlite:$T/other/rp.db" add emil
else
	skip "another's folder" "not root"
fi

# Progress, on a terminal only.
seq 200000 | while read -r i; do
	printf 'm%s %064x\n' "$i" "$i"
done >"$T/big"
script -qec "rp-users --db sqlite:$T/big.db import $T/big" /dev/null \
    </dev/null >"$T/terminal"
like "$(tr '\r' '\n' <"$T/terminal")" '^rp-users: [0-9]+ of 200000' \
    "an import shows how far it is"
is "$(rp-users --db "sqlite:$T/big.db" import --update "$T/big" 2>&1)" "" \
    "but not where no terminal is"

# The page's examples, as printed there.
mkdir "$T/page"
cd "$T/page" || exit 1
examples=$(sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/p' "$RP_SRC/man/rp-users.8" |
    awk '/^\.Bd/ {on = 1; next} /^\.Ed/ {on = 0} on' |
    sed 's/^\$ //; s/\\e/\\/g')
check "the examples in rp-users(8) run" sh -ec "$examples"
is "$(rp-users --db sqlite:rp.db list)" "carol	1	-" "and do what they say"
finish
