#!/bin/sh
# A directory that cannot answer is down, however healthy its server looks. A
# Redis that is empty, loads its data, has lost its primary or forbids the
# look-up closes the gate, once. No subscriber is told that their number is
# unknown. The gate opens by itself when look-ups work again. The same holds for
# an SQLite file that was emptied, but not for one that cannot be written,
# because calls only read.
. "$(dirname "$0")/lib.sh"
# Servers leave their ports, and come back to them.
own_network "$0" "$@"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/redis.sh"

# refused WHAT: the directory is lost, and who asks is not told anything else.
refused() {
	check "$1: closed" wait_for 10 reason no-directory
	is "$(ask_port=answer; ask alice GET /keepalive)" "503 no-directory" \
	    "$1: who comes is told 503"
}
# opened WHAT: it is back, after one closing in all since the last.
opened() {
	check "$1: open again" wait_for 10 reason ""
	closed=$((closed + 1))
	is "$(closings)" "$closed" "$1: closed once, without flapping"
	is "$(ask alice GET /keepalive)" 200 "$1: look-ups work"
}
register() {
	ask alice PUT /push --max-time 60 \
	    --data '{"type":"command","to":{}}'
}

make_subscribers
list_subscribers >"$T/subscribers"

# SQLite: another program's transaction, as a backup's; then no data at all.
write_conf "rp-pushsend --dev" "$many_changes"
start_configured
is "$(register)" 204 "SQLite: a device registers"
mkfifo "$T/sql"
start sqlite sh -c 'exec sqlite3 "$0" <"$1"' "$T/switch.d/rp.db" "$T/sql"
exec 9>"$T/sql"
echo "BEGIN IMMEDIATE; SELECT 'locked';" >&9
check "another program locks the file" wait_for 5 grep -q locked "$T/sqlite.out"
is "$(register)" "503 no-directory" "nothing can be registered then"
is "$(cat "$T/body")" "database is locked" "and why is said, but not where"
is "$(closings)" 0 "but calls are taken"
is "$(ask alice GET /keepalive)" 200 "and subscribers known"
exec 9>&-
join sqlite
registered() {
	[ "$(register)" = 204 ]
}
check "unlocked: registered" wait_for 5 registered
: >"$T/switch.d/rp.db"
: >"$T/switch.d/rp.db-wal"
is "$(ask alice GET /keepalive)" "503 no-directory" \
    "the file emptied: the first to ask is told 503"
refused "the file emptied"
stop switch
rm "$T/switch.d/rp.db"*
: >"$T/switch.d/rp.db"
start_configured
refused "a switch starts beside an empty file"
like "$(grep directory_state "$T/switch.err")" 'holds no directory' \
    "the log says why"
like "$(rp-drain --socket "$T/switch.d/control" --status)" \
    '^directory: cannot be read: .*holds no directory' "and so does rp-drain"
rp-users --db "sqlite:$T/switch.d/rp.db" import "$T/subscribers"
check "it takes calls once rp-users made a directory" wait_for 10 reason ""
is "$(ask alice GET /keepalive)" 200 "and finds its subscribers"
stop switch

command -v redis-server >/dev/null || finish
primary=$(free_port)
replica=$(free_port)
nowhere=$(free_port)
redis_pair

on_primary() {
	redis-cli -p "$primary" "$@" >/dev/null
}
on_replica() {
	redis-cli -p "$replica" "$@" >/dev/null
}
# probed PORT N: the server answered that many questions for the schema.
probed() {
	[ "$(redis-cli -p "$1" info commandstats |
	    sed -n 's/^cmdstat_get:calls=\([0-9]*\),.*/\1/p')" -ge "$2" ]
}
# use URL: a configuration with that directory.
use() {
	write_conf "rp-pushsend --dev" "$many_changes"
	sed -i "s|^directory = .*|directory = \"$1\";|" "$T/switch.conf"
}
rp-users --db "redis://127.0.0.1:$primary" import "$T/subscribers"
# A replica that has yet to copy the import is a fault that the log tells.
copied() {
	[ "$(redis-cli -p "$replica" get rp:schema)" = 1 ]
}
check "the replica has what the primary has" wait_for 10 copied
use "redis://127.0.0.1:$replica"
start_configured
check "a directory" wait_for 10 reason ""
closed=$(closings)
is "$(ask alice GET /keepalive)" 200 "that has its subscribers"

stop replica KILL
rm -r "$T/replica.d"
redis replica "$replica" --replicaof 127.0.0.1 "$nowhere"
check "a replica without data is asked" wait_for 10 probed "$replica" 3
refused "a replica without data"
rp-dial --account "$T/switch.d/alice.conf" --switch "$(address call)" \
    --duration 1 bob 2>"$T/err"
is $? 2 "a caller is not told that the token is wrong, but finds no switch"
like "$(cat "$T/switch.err")" "directory_fault.*$replica.*no rp:schema" \
    "the log says why"
on_replica replicaof 127.0.0.1 "$primary"
opened "a replica without data"
is "$(grep -c "directory_fault.*no rp:schema" "$T/switch.err")" 1 "it said so once"

# The connection lasts: what is asked next is the first to meet the emptiness.
printf 'replicaof no one\nflushall\n' | on_replica
is "$(ask_port=answer; ask alice GET /keepalive)" "503 no-directory" \
    "emptied in place: the first to ask is told 503"
refused "emptied in place"
on_replica replicaof 127.0.0.1 "$primary"
opened "emptied in place"

for command in hgetall get; do
	on_replica acl setuser default "-$command"
	refused "$command forbidden"
	on_replica acl setuser default "+$command"
	opened "$command forbidden"
done

for schema in 2 0 1x ""; do
	on_primary set rp:schema "$schema"
	refused "schema '$schema'"
	on_primary set rp:schema 1
	opened "schema '$schema'"
done

on_replica config set replica-serve-stale-data no
stop primary
refused "stale and not to be served"
redis primary "$primary"
opened "stale and not to be served"
stop switch

# At the start.
stop replica KILL
rm -r "$T/replica.d"
redis replica "$replica" --replicaof 127.0.0.1 "$nowhere"
start_configured
check "a switch starts beside an empty replica" wait_for 10 \
    reason no-directory
is "$(rp-users --db "redis://127.0.0.1:$replica" list 2>"$T/err")" "" \
    "rp-users lists nothing from it"
like "$(cat "$T/err")" "^rp-users: directory: .*no rp:schema" "and says so"
on_replica replicaof 127.0.0.1 "$primary"
check "it takes calls once the replica has the data" wait_for 10 reason ""
is "$(ask alice GET /keepalive)" 200 "and finds its subscribers"
stop switch
stop replica
stop primary

# One server, another database than the first, and a lot to load.
one=$(free_port)
redis one "$one" --appendonly no
rp-users --db "redis://127.0.0.1:$one/3" import "$T/subscribers"
use "redis://127.0.0.1:$one/3"
start_configured
check "one server, its database 3" wait_for 10 reason ""
closed=$(closings)
redis-cli -p "$one" config set requirepass secret >/dev/null
redis-cli -p "$one" -a secret --no-auth-warning client kill type normal \
    >/dev/null
refused "a password that we do not have"
redis-cli -p "$one" -a secret --no-auth-warning config set requirepass "" \
    >/dev/null
opened "a password that we do not have"

seq 3000 | while read -r i; do
	printf 'n%s %064x\n' "$i" "$i"
done | rp-users --db "redis://127.0.0.1:$one/3" import -
redis-cli -p "$one" save >/dev/null
stop one
start one redis-server --bind 127.0.0.1 --port "$one" --dir "$T/one.d" \
    --save "" --key-load-delay 1000 --loading-process-events-interval-bytes 1024
loading() {
	redis-cli -p "$one" info persistence | grep -q '^loading:1'
}
check "a server that loads its data" wait_for 10 loading
refused "while it loads"
is "$(loading && echo yes)" yes "and it does so still"
opened "while it loads"
finish
