#!/bin/sh
# A directory that is away, or that cannot be written. A switch starts without
# one, its gate closed, and takes calls when it is there. Where the file is
# locked or the disk is full, calls go on. A registration is answered 503 with
# the reason in words, but not the path. A subscriber who was removed is told
# 401.
. "$(dirname "$0")/lib.sh"
# A disk of its own, to be filled.
if [ -z "${RP_MOUNTS:-}" ]; then
	rm -rf "$T"
	unshare -m true 2>/dev/null || skip_all "needs mount namespaces"
	RP_MOUNTS=1 exec unshare -m "$0" "$@"
fi
. "$(dirname "$0")/signal.sh"

control=$T/switch.d/control
# wrong REGEX: rp-drain --status says that of the directory.
wrong() {
	rp-drain --socket "$control" --status | grep -qE "^directory: $1"
}
register() {
	ask alice PUT /push --max-time 60 \
	    --data '{"type":"command","to":{}}'
}
registered() {
	[ "$(register)" = 204 ]
}
# calls WHAT: alice's call to bob rings.
calls() {
	is "$(ask alice INITIATE /session/bob --data offer)" 200 \
	    "$1: calls go on"
	ask alice HANGUP "/session/$(jq -r .sessionId "$T/body")" >/dev/null
}

make_subscribers
mkdir "$T/disk"
mount -t tmpfs -o size=1m tmpfs "$T/disk" 2>/dev/null ||
    skip_all "cannot mount a tmpfs"
unmount() {
	umount "$T/disk"
}
at_end unmount
write_conf "exec $T/pusher $T" "$many_changes"
sed -i "s|^directory = .*|directory = \"sqlite:disk/rp.db\";|" "$T/switch.conf"

check "the configuration is good without its directory" \
    rp-switchd -t -c "$T/switch.conf"
sed 's|"sqlite:disk|"mysql:disk|' "$T/switch.conf" >"$T/wrong.conf"
rp-switchd -t -c "$T/wrong.conf" 2>"$T/err"
is $? 1 "but not if it means nothing"
like "$(cat "$T/err")" "^rp-switchd: .*wrong.conf:5: directory: wants" "which is said"
start_configured
check "a switch starts without it, closed" wait_for 5 reason no-directory
check "and says why" wrong "cannot be read: .*No such file"
is "$(ask_port=answer; ask alice GET /keepalive)" "503 no-directory" \
    "who comes is told 503"
cp "$T/switch.d/rp.db" "$T/disk/rp.db"
check "it is there: open" wait_for 5 reason ""
check "nothing is wrong" eval '! wrong .'
is "$(register)" 204 "alice registers"
wakeable bob

mkfifo "$T/sql"
start sqlite sh -c 'exec sqlite3 "$0" <"$1"' "$T/disk/rp.db" "$T/sql"
exec 9>"$T/sql"
echo "BEGIN IMMEDIATE; SELECT 'locked';" >&9
check "another program locks it" wait_for 5 grep -q locked "$T/sqlite.out"
is "$(register)" "503 no-directory" "locked: a registration is refused"
is "$(header Content-Type) $(cat "$T/body")" \
    "text/plain database is locked" "with the reason"
check "which rp-drain says too" wrong "cannot be written: .*locked"
calls locked
exec 9>&-
join sqlite
check "unlocked: registered" wait_for 5 registered

dd if=/dev/zero of="$T/disk/filler" bs=4k 2>/dev/null
# What the log has room for already may still go.
full() {
	[ "$(register)" = "503 no-directory" ]
}
check "disk full: a registration is refused" wait_for 10 full
is "$(cat "$T/body")" "database or disk is full" "with the reason"
check "which rp-drain says too" wrong "cannot be written: .*full"
calls "disk full"
check "and the gate is open" reason ""
rm "$T/disk/filler"
check "room again: registered" wait_for 5 registered
is "$(metric 'rp_gate_closings_total{reason="no-directory"}')" 1 \
    "it was closed at the start only"

talk alice alice
say alice "GET /keepalive"
heard alice '^response 200'
rp-users --db "sqlite:$T/disk/rp.db" remove alice
say alice 'DELETE /push'
check "a subscriber who was removed: 401" heard alice '^response 401'
check "and closed" heard alice '^closed'
bye alice
stop switch
is $? 0 "the switch stops"
finish
