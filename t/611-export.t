#!/bin/sh
# Everything that a directory holds is in its export. An import of that into an
# empty directory gives the same export again, byte for byte, in every engine and
# from each to the next. The same file can be imported twice. Nothing of a
# failed export is left, and a file that is there is replaced whole. Numbers are
# brought into one form with all that belongs to them, unless two would be one.
. "$(dirname "$0")/lib.sh"
# Servers leave their ports, and come back to them.
own_network "$0" "$@"
. "$RP_SRC/t/engines.sh"

users() {
	rp-users --db "$db" "$@" 2>"$T/err"
}
status() {
	"$@" >/dev/null 2>&1
	echo $?
}

# All that a line can have, in the order of an export. The numbers are in order
# of their bytes, which no language's order is.
long=$(printf '%4000s' | tr ' ' x)
hash() {
	printf '%064x' "$1"
}
{
	cat <<END
{"number": "+27215550100", "token_sha256": "$(hash 1)", "added": "2026-01-02T03:04:05Z", "push": "{\"type\":\"webpush\",\"to\":{\"endpoint\":\"https://push.example/a?b=1&c=%C3%A9\",\"keys\":{\"p256dh\":\"BC-_\",\"auth\":\"x\"}},\"key\":\"BV\"}", "push_time": "2026-01-03T00:00:01Z", "seen": "2026-11-28T00:00:00Z", "result": "sent 201", "result_time": "2026-11-28T22:05:23Z"}
{"number": "+27215550100", "token_sha256": "$(hash 2)", "added": "2026-01-02T03:04:06Z"}
{"number": "-x", "token_sha256": "$(hash 3)", "added": "1970-01-01T00:00:01Z"}
{"number": "..", "token_sha256": "$(hash 4)", "added": "9999-12-31T23:59:59Z"}
{"number": "0721", "blocked": "2026-05-06T07:08:09Z"}
{"number": "Alice", "token_sha256": "$(hash 5)", "added": "2026-01-02T03:04:05Z", "push": "{\"type\":\"fcm\",\"to\":{\"token\":\"$long\"}}", "push_time": "2026-01-03T00:00:01Z"}
{"number": "_b", "token_sha256": "$(hash 6)", "added": "2026-01-02T03:04:05Z", "seen": "2026-11-28T00:00:00Z"}
{"number": "alice", "blocked": "2026-05-06T07:08:09Z"}
{"number": "alice", "token_sha256": "$(hash 7)", "added": "2026-01-02T03:04:05Z", "push": "{\"type\":\"command\",\"to\":{\"a b\":\"\\\\\"'\\\\\\\\ \\\\n é 📞\"}}", "push_time": "2026-01-03T00:00:01Z", "result": "failed 403: \"VAPID\" \\\\ ; it's 100% refused", "result_time": "2026-11-28T22:05:23Z"}
{"number": "alice", "token_sha256": "f$(hash 8 | cut -c 2-)", "added": "2026-01-02T03:04:05Z", "result": "retry 429"}
{"number": "alice.b", "token_sha256": "$(hash 9)", "added": "2026-01-02T03:04:05Z"}
{"number": "alice2", "token_sha256": "$(hash 10)", "added": "2026-01-02T03:04:05Z"}
END
	for i in $(seq 600); do
		printf '{"number": "m%04d", "token_sha256": "%064x", "added": "%s"}\n' \
		    "$i" "$i" 2026-01-02T03:04:05Z
	done
	for i in $(seq 16); do
		printf '{"number": "many", "token_sha256": "%064x", "added": "%s"}\n' \
		    "$i" 2026-01-02T03:04:05Z
	done
} >"$T/all"
shuf --random-source="$T/all" "$T/all" >"$T/shuffled"
sed 's/"added": "2026/"added": "2025/' "$T/all" >"$T/changed"
from=

# Numbers as they have come over the years; those that follow are as they become.
cat >"$T/conf" <<END
numbers = { country_code = "27"; };
END
{
	echo '{"number": "0027215550101", "blocked": "2026-05-06T07:08:09Z"}'
	echo "{\"number\": \"0027215550101\", \"token_sha256\": \"$(hash 1)\", \"added\": \"2026-01-02T03:04:05Z\", \"push\": \"{\\\"type\\\":\\\"command\\\",\\\"to\\\":{}}\", \"push_time\": \"2026-01-03T00:00:01Z\", \"seen\": \"2026-11-28T00:00:00Z\", \"result\": \"sent 201\", \"result_time\": \"2026-11-28T22:05:23Z\"}"
	for number in 0215550102 27215550102 +27215550103 0215550103 \
	    0215550104 911 alice; do
		echo "{\"number\": \"$number\", \"token_sha256\": \"$(hash 1)\", \"added\": \"2026-01-02T03:04:05Z\"}"
	done
	echo "{\"number\": \"+27215550103\", \"token_sha256\": \"$(hash 2)\", \"added\": \"2026-01-02T03:04:05Z\"}"
	echo "{\"number\": \"0215550103\", \"token_sha256\": \"$(hash 3)\", \"added\": \"2026-01-02T03:04:05Z\"}"
	# An earlier run was ended here, and had copied this one.
	echo "{\"number\": \"+27215550104\", \"token_sha256\": \"$(hash 1)\", \"added\": \"2026-01-02T03:04:05Z\"}"
} >"$T/old"
sed 's/"0027215550101"/"+27215550101"/; /"0215550104"/d' "$T/old" |
    sort >"$T/new"
cat >"$T/moved" <<END
911	-	stays
0027215550101	+27215550101	moved
0215550102	+27215550102	collides
27215550102	+27215550102	collides
0215550103	+27215550103	collides
0215550104	+27215550104	moved
END
# normalise [OPTION]: what it tells, without the reasons.
normalise() {
	users --config "$T/conf" normalise "$@" | sed 's/stays: .*/stays/'
}

# exported: the export of $db is the file.
exported() {
	users export >"$T/got" && cmp "$T/got" "$1"
}

for engine in $engines; do
	engine "$engine" || {
		skip "$engine: export and import" "$engine_missing"
		continue
	}
	check "$engine: import of all that there can be" \
	    users import "$T/shuffled"
	check "$engine: its export is the same, in order" exported "$T/all"
	is "$(status users import "$T/all")" 4 "$engine: again: exit 4"
	check "$engine: unless it is --update" users import --update "$T/all"
	check "$engine: twice" users import --update "$T/all"
	check "$engine: which changes nothing" exported "$T/all"
	check "$engine: --update of what differs" \
	    users import --update "$T/changed"
	check "$engine: changes that" exported "$T/changed"
	check "$engine: and back" users import --update "$T/all"
	is "$(users list | wc -l)" 610 "$engine: as many numbers"
	is "$(users blocked | cut -f 1 | xargs)" "0721 alice" \
	    "$engine: blocks are there"
	if [ -n "$from" ]; then
		to=$db
		engine "$engine"
		rp-users --db "$from" export | users import -
		check "$from to $engine: the same export" exported "$T/all"
		db=$to
	fi
	from=$db

	engine "$engine"
	users import "$T/old"
	users export >"$T/before"
	is "$(normalise --dry-run)" "$(sed 's/moved/would move/' "$T/moved")" \
	    "$engine: normalise --dry-run tells what would be done"
	check "$engine: and does not do it" exported "$T/before"
	is "$(normalise)" "$(cat "$T/moved")" "$engine: normalise does it"
	users export | sort >"$T/got"
	check "$engine: all that was theirs has come along" \
	    cmp "$T/got" "$T/new"
	is "$(status users --config "$T/conf" normalise)" 4 \
	    "$engine: collisions: exit 4"
done

is "$(status users normalise)" 1 "normalise without a configuration: exit 1"
echo 'numbers = { country_code = "x"; };' >"$T/wrong"
is "$(status users --config "$T/wrong" normalise)" 1 "with a wrong one: exit 1"

# Files.
engine sqlite
users import "$T/all"
check "export to a file" users export "$T/file"
check "it is whole" cmp "$T/file" "$T/all"
is "$(stat -c %a "$T/file")" 600 "its owner's"
echo old >"$T/file"
check "it is replaced" users export "$T/file"
check "as a whole" cmp "$T/file" "$T/all"
ln -s target "$T/link"
(umask 027 && echo old >"$T/target")
check "export by a link" users export "$T/link"
is "$(stat -c '%F %a' "$T/link" "$T/target" | tr '\n' ' ')" \
    "symbolic link 777 regular file 640 " "the link and the mode stay"
check "its target is written" cmp "$T/target" "$T/all"
mkfifo "$T/fifo"
cat "$T/fifo" >"$T/piped" &
check "export into a FIFO" users export "$T/fifo"
wait $!
check "which has all of it" cmp "$T/piped" "$T/all"
is "$(status users export "$T/no/file")" 1 "no such folder: exit 1"
is "$(status sh -c "rp-users --db $db export >/dev/full")" 1 \
    "a full disk: exit 1"
is "$(status users export /dev/full)" 1 "by its name: exit 1"
users list 2>"$T/err" | true
like "$(cat "$T/err")" "^(rp-users: standard output: cannot be written: .*)?$" \
    "a reader that goes away is told, and ends nothing by a signal"
is "$(db=sqlite:$T/none; status users export "$T/file")" 2 \
    "no directory: exit 2"
check "the file is as it was" cmp "$T/file" "$T/all"
is "$(ls "$T" | grep -c '^file\.')" 0 "and nothing is left beside it"

# A result in another character set does not end every later export.
sqlite3 "${db#sqlite:}" "UPDATE device SET result = CAST(x'e4ff' AS TEXT)
    WHERE number = 'alice2'"
is "$(users export | jq -r 'select(.number == "alice2").result')" "??" \
    "a result that is not ASCII: with question marks"
finish
