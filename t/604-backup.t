#!/bin/sh
# The directory in SQLite is saved and restored as rp-users(8) prints it, by the
# file and by an export. A file that is replaced under a running switch is
# noticed, whatever is left of the old one's log, and nothing of the old one
# comes back. A subscriber who is removed leaves nothing in any file.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
command -v sqlite3 >/dev/null || skip_all "no sqlite3"

make_subscribers
write_conf "exec $T/pusher $T" "$many_changes"
start_configured
db=$T/switch.d/rp.db
PATH=$T/bin:$PATH
mkdir "$T/bin" "$T/backups" "$T/page"

# Without an option it is this directory, as on a host with the default one.
cat >"$T/bin/rp-users" <<EOT
#!/bin/sh
exec $RP_BUILD/bin/rp-users/rp-users --db sqlite:$db "\$@"
EOT
chmod +x "$T/bin/rp-users"
systemctl() {
	case $1 in
	stop) stop switch ;;
	start) start_configured ;;
	esac
}

# The page's commands, with this test's folders.
perl "$RP_SRC/t/examples.pl" "$RP_SRC/man/rp-users.8" "$T/page"
sed -i -e "s|/var/lib/rp|$T/switch.d|g" -e "s|/var/backups|$T/backups|g" \
    -e 's/+27211234567/bob/' "$T"/page/*.sh

# runs N: that example's lines, in this shell for its systemctl.
runs() {
	set -e
	# shellcheck disable=SC1090
	. "$T/page/$1.sh" >"$T/out" 2>&1
	set +e
}
# known NUMBER STATUS: what the switch says to who has that number's token.
known() {
	[ "$(ask "$1" GET /keepalive)" = "$2" ]
}
whole() {
	[ "$(sqlite3 "$db" "PRAGMA integrity_check")" = ok ]
}

# Saved under a running switch.
wakeable bob
runs 1
is "$(stat -c %a "$T/backups/rp.db")" 600 "backup: a file that is its owner's"
runs 2
pass "backup: rp-users export"
rp-users export >"$T/before"
check "the export in it is whole" cmp "$T/before" "$T/backups/rp.jsonl"

# What happens afterwards, and is undone.
rp-users add carol --token-file "$T/switch.d/carol.token"
rp-users remove bob
rp-users block alice
check "carol is known" known carol 200
check "bob is not" wait_for 5 known bob 401
runs 3
check "restore: the file's content is that of the backup" \
    sh -c "rp-users export | cmp - '$T/before'"
check "restore: bob is known" known bob 200
check "restore: alice is" known alice 200
check "restore: carol is not" known carol 401
check "restore: the file is whole" whole

rp-users add carol --token-file "$T/switch.d/carol2.token"
rp-users remove bob
runs 4
check "restore by import: the content is that of the export" \
    sh -c "rp-users export | cmp - '$T/before'"
check "restore by import: bob is known" known bob 200

# Removed and made again under the running switch.
rm -f "$db" "$db-wal" "$db-shm"
grep -v '"bob"' "$T/before" | rp-users import -
check "made again: bob is not known any more" \
    wait_for 5 known bob 401
check "made again: alice is" known alice 200
registered() {
	[ "$(ask alice PUT /push --data '{"type":"command","to":{"a":1}}')" = 204 ]
}
check "made again: alice registers" wait_for 5 registered
is "$(rp-users list alice)" "alice	1	command" \
    "made again: in the file that is there"

# Made again, and written to by another program before the switch has noticed.
# The log of the new file is that program's.
kill -STOP "$(cat "$T/switch.pid")"
rp-users export | rp-users --db "sqlite:$T/again.db" import -
rm -f "$db" "$db-wal" "$db-shm"
mv "$T/again.db" "$db"
mkfifo "$T/sql"
start sqlite sh -c 'exec sqlite3 "$0" <"$1"' "$db" "$T/sql"
exec 9>"$T/sql"
printf %043d 1 >"$T/switch.d/zoe.token"
hash=$(sha256sum <"$T/switch.d/zoe.token" | cut -d ' ' -f 1)
echo "INSERT INTO device (number, token_hash, added_s)
    VALUES ('zoe', x'$hash', 1); SELECT 'written';" >&9
check "another program writes" wait_for 5 grep -q written "$T/sqlite.out"
kill -CONT "$(cat "$T/switch.pid")"
check "the switch goes over to the new file" wait_for 5 known zoe 200
check "and writes to it" wait_for 5 registered
exec 9>&-
join sqlite
is "$(rp-users list zoe)" "zoe	1	-" "what was written to it stays"
rp-users remove zoe

# Replaced by mv, with the old one's log left and full.
cp "$T/backups/rp.db" "$T/switch.d/restored"
rm -f "$T/switch.d/carol.token"
rp-users add carol --token-file "$T/switch.d/carol.token"
check "the log holds what the backup has not" \
    sh -c "strings '$db-wal' | grep -q carol"
mv "$T/switch.d/restored" "$db"
check "replaced: bob is known again" wait_for 5 known bob 200
check "replaced: carol is not" known carol 401
check "replaced: nothing of the old log came with it" \
    sh -c "rp-users export | cmp - '$T/before'"
check "replaced: the file is whole" whole
stop switch
start_configured
check "replaced: nor after a restart" known carol 401
check "replaced: bob is there" known bob 200

# A subscriber's data.
is "$(ask bob PUT /push --data \
    '{"type":"fcm","to":{"token":"bobs-secret-address"}}')" 204 \
    "bob registers"
runs 6
is "$(jq -r '.devices[0].push.to.token' "$T/out")" bobs-secret-address \
    "his data are printed"
# holders TEXT: the files in which it stands.
holders() {
	for rp_file in "$db"*; do
		strings -n 4 "$rp_file" | grep -qF -e "$1" &&
		    basename "$rp_file"
	done
}
like "$(holders bobs-secret-address)" "rp.db" "the directory's files have them"
runs 7
is "$(holders bobs-secret-address | xargs)" "" "removed: none has"
is "$(rp-users list | cut -f 1)" alice "he is gone"
rp-users add dave >/dev/null
id=$(rp-users devices dave | cut -f 1)
sqlite3 "$db" "UPDATE device SET push = '{\"type\":\"daves-secret\"}'
    WHERE number = 'dave'"
rp-users revoke dave "$id"
is "$(holders daves-secret | xargs)" "" "a device that is revoked: likewise"
finish
