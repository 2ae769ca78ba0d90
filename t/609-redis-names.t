#!/bin/sh
# A name in the URL may stand for several Redis servers. The primary among them
# is written to, and what is left is read when one is killed. A directory that
# version 0.1.0 wrote is read as it is, and remains of devices that it removed
# count for nothing. An import that is cut off in the middle says so.
. "$(dirname "$0")/lib.sh"
own_network "$0" "$@"
. "$(dirname "$0")/redis.sh"
command -v redis-server >/dev/null || skip_all "no redis-server"
printf '127.0.0.1 localhost\n127.0.0.1 rp-redis\n127.0.0.2 rp-redis\n' \
    >"$T/hosts"
unshare -m mount --bind "$T/hosts" /etc/hosts 2>/dev/null ||
    skip_all "needs mount namespaces"

port=$(free_port)
# server NAME ADDRESS [ARGUMENT...]
server() {
	mkdir -p "$T/$1.d"
	rp_name=$1
	rp_addr=$2
	shift 2
	start "$rp_name" redis-server --bind "$rp_addr" --port "$port" \
	    --dir "$T/$rp_name.d" --save "" --repl-diskless-sync-delay 0 "$@"
	wait_for 10 redis-cli -h "$rp_addr" -p "$port" ping
}
users() {
	unshare -m sh -c 'mount --bind "$0" /etc/hosts && exec "$@"' \
	    "$T/hosts" rp-users --db "redis://rp-redis:$port" "$@" 2>"$T/err"
}
server two 127.0.0.2
server one 127.0.0.1 --replicaof 127.0.0.2 "$port"
follows() {
	redis-cli -h 127.0.0.1 -p "$port" info replication |
	    grep -q master_link_status:up
}
wait_for 10 follows
like "$(users add alice)" '^[A-Za-z0-9_-]{43}$' \
    "of a name with two addresses the primary is written to"
replicated() {
	[ "$(redis-cli -h 127.0.0.1 -p "$port" zcard rp:n)" = 1 ]
}
check "its replica follows" wait_for 10 replicated
stop two KILL
is "$(users list)" "alice	1	-" "the primary is killed: the replica is read"
users add bob >/dev/null
is $? 2 "and nobody can be added"
like "$(cat "$T/err")" "rp-redis:$port \(127.0.0.1:$port\): it is a replica" \
    "the line says why"
# The replica keeps what it has for the moment.
redis-cli -h 127.0.0.1 -p "$port" replicaof 127.0.0.3 "$port" >/dev/null
server two 127.0.0.2
is "$(redis-cli -h 127.0.0.2 -p "$port" dbsize)" 0 "the primary comes back empty"
users add bob >/dev/null
is $? 2 "and nobody can be added, because the replica still holds a directory" ||
    cat "$T/err"
stop one KILL
stop two KILL

# 0.1.0's directory: no details, and details of what it removed.
server old 127.0.0.1
old() {
	redis-cli -h 127.0.0.1 -p "$port" "$@" >/dev/null
}
old set rp:schema 1
hash=$(printf %064d 7)
old hset rp:d:carol "$hash" '1700000000 {"type":"command","to":{}}'
old zadd rp:n 0 carol
old hset rp:x:carol "$(printf %064d 8)" '1 2 3 gone'
old hset rp:x:dave "$hash" '1 2 3 gone'
old hset rp:d:carol later-version "passed over"
is "$(users show carol)" "carol	$hash	command	2023-11-14T22:13:20Z" \
    "a device that 0.1.0 wrote"
is "$(users list)" "carol	1	command" "and no other"
check "it is removed" users remove carol
is "$(redis-cli -h 127.0.0.1 -p "$port" exists rp:x:carol)" 0 \
    "with its details"

# More than 0.1.0 took at once, and cut off.
perl -e 'printf "n%06d %064x\n", $_, $_ for 1 .. 100001' >"$T/many"
start import sh -c 'exec unshare -m sh -c "mount --bind \"\$0\" /etc/hosts &&
    exec rp-users --db \"\$1\" import \"\$2\"" "$0" "$1" "$2"' \
    "$T/hosts" "redis://rp-redis:$port" "$T/many"
writes() {
	[ "$(redis-cli -h 127.0.0.1 -p "$port" zcard rp:n)" -ge 500 ]
}
check "an import of 100,001 writes" wait_for 30 writes
stop old KILL
join import
is $? 2 "its server is killed: exit 2"
like "$(cat "$T/import.err")" "^rp-users: directory: .*(lost|refused)" \
    "and it says so"
finish
