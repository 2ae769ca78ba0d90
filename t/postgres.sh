# Sourced by scenarios with PostgreSQL servers of their own. Each has its data
# and its Unix socket in a folder of its own, because it does not run as root.

pg_bin=$(for rp_folder in /usr/lib/postgresql/*/bin; do
	[ -x "$rp_folder/initdb" ] && echo "$rp_folder"
done | sort -V | tail -n 1)
if [ -z "$pg_bin" ] && command -v initdb >/dev/null; then
	pg_bin=$(dirname "$(command -v initdb)")
fi
[ -n "$pg_bin" ] || skip_all "no PostgreSQL server"
rp-users --db postgres://nowhere.invalid/ list 2>&1 |
    grep -q "built without" && skip_all "built without PostgreSQL"

# PostgreSQL refuses to run as root.
pg_user=
if [ "$(id -u)" = 0 ]; then
	command -v runuser >/dev/null || skip_all "needs runuser"
	pg_user=nobody
	id postgres >/dev/null 2>&1 && pg_user=postgres
fi
pg_as() {
	if [ -n "$pg_user" ]; then
		(cd / && exec runuser -u $pg_user -- "$@")
	else
		"$@"
	fi
}
D=$(pg_as mktemp -d "${TMPDIR:-/tmp}/rp-pg-XXXXXX") || exit 1
chmod 755 "$D"
pg_clean() {
	rm -rf "$D"
}
at_end pg_clean

free_port() {
	perl -MSocket -e 'socket(S, AF_INET, SOCK_STREAM, 0);
	    bind(S, sockaddr_in(0, INADDR_LOOPBACK));
	    print +(sockaddr_in(getsockname(S)))[0]'
}

# pg_init NAME: a new cluster in $D/NAME; the user is "rp", and trusted.
pg_init() {
	pg_as "$pg_bin/initdb" -D "$D/$1" -U rp -A trust -E UTF8 \
	    --locale=C --no-sync >"$T/$1.initdb" 2>&1 ||
	    give_up "initdb" "$T/$1.initdb"
}

# pg_start NAME PORT [SETTING...]: start it, and wait until it answers. The
# process whose id is kept is the server itself, not runuser.
pg_start() {
	rp_pg=$1
	rp_port=$2
	shift 2
	for rp_setting; do
		set -- "$@" -c "$rp_setting"
		shift
	done
	pg_as sh -c 'out=$1; shift; "$@" >>"$out" 2>&1 & echo $!' sh \
	    "$D/$rp_pg.log" "$pg_bin/postgres" -D "$D/$rp_pg" -p "$rp_port" \
	    -k "$D" -c listen_addresses=127.0.0.1 -c fsync=off \
	    -c wal_level=replica -c max_connections=40 \
	    -c shared_buffers=16MB "$@" >"$D/$rp_pg.pid"
	at_end "pg_end_$rp_pg"
	eval "pg_end_$rp_pg() { pg_kill $rp_pg KILL; }"
	pg_ready "$rp_pg" "$rp_port" ||
	    give_up "PostgreSQL starts" "$D/$rp_pg.log"
}

pg_ready() {
	wait_for 10 "$pg_bin/pg_isready" -q -h "$D" -p "$2"
}

# pg_kill NAME SIGNAL: and wait until it has ended. Its children follow when
# they notice.
pg_kill() {
	[ -s "$D/$1.pid" ] || return 0
	rp_pid=$(cat "$D/$1.pid")
	kill -CONT "$rp_pid" 2>/dev/null
	kill -"$2" "$rp_pid" 2>/dev/null
	wait_for 10 sh -c "! kill -0 $rp_pid 2>/dev/null"
	rm -f "$D/$1.pid"
}

# pg_pids NAME: the server's process and those of its children.
pg_pids() {
	cat "$D/$1.pid"
	pgrep -P "$(cat "$D/$1.pid")"
}

# sql PORT STATEMENT [DATABASE]
sql() {
	psql -XqAt -h "$D" -p "$1" -U rp -d "${3:-postgres}" \
	    -v ON_ERROR_STOP=1 -c "$2"
}

# pg_standby NAME PRIMARY-PORT: a copy that follows it, not started yet.
pg_standby() {
	pg_as "$pg_bin/pg_basebackup" -D "$D/$1" -h "$D" -p "$2" -U rp -R \
	    -c fast --no-sync >"$T/$1.backup" 2>&1 ||
	    give_up "pg_basebackup" "$T/$1.backup"
}
