# Sourced by scenarios with PostgreSQL servers of their own. Each has its data
# and its Unix socket in a folder of its own, because it does not run as root.

pg_bin=$(for rp_folder in /usr/lib/postgresql/*/bin; do
	[ -x "$rp_folder/initdb" ] && echo "$rp_folder"
done | sort -V | tail -n 1)
if [ -z "$pg_bin" ] && command -v initdb >/dev/null; then
	pg_bin=$(dirname "$(command -v initdb)")
fi

# PostgreSQL refuses to run as root.
pg_user=
if [ "$(id -u)" = 0 ]; then
	pg_user=nobody
	id postgres >/dev/null 2>&1 && pg_user=postgres
fi
pg_as() {
	if [ -n "$pg_user" ]; then
		setpriv --reuid "$pg_user" --regid "$(id -g "$pg_user")" \
		    --clear-groups -- "$@"
	else
		"$@"
	fi
}

# postgres_missing: print what is missing here, if anything is.
postgres_missing() {
	[ -n "$pg_bin" ] || echo "no PostgreSQL server"
	command -v psql >/dev/null || echo "no psql"
	[ -z "$pg_user" ] || command -v setpriv >/dev/null ||
	    echo "needs setpriv"
	rp-users --db postgres://nowhere.invalid/ list 2>&1 |
	    grep -q "built without" && echo "built without PostgreSQL"
}

# postgres_needed: the scenario cannot run without.
postgres_needed() {
	rp_missing=$(postgres_missing | head -n 1)
	[ -z "$rp_missing" ] || skip_all "$rp_missing"
	pg_folder
}

# postgres_start NAME: a server with an empty database at $postgres_url, of
# which fsync is off. Fails if it is not here.
postgres_start() {
	[ -z "$(postgres_missing)" ] || return 1
	pg_folder
	pg_init "$1"
	pg_start "$1" "$(free_port)"
	sql "$rp_port" "create database rp"
	# shellcheck disable=SC2034
	postgres_url=postgresql://rp@127.0.0.1:$rp_port/rp
}

# pg_folder: make $D, which the servers can write.
D=
pg_folder() {
	[ -z "$D" ] || return 0
	D=$(pg_as mktemp -d "${TMPDIR:-/tmp}/rp-pg-XXXXXX") || exit 1
	chmod 755 "$D"
	at_end pg_clean
}
pg_clean() {
	rm -rf "$D"
}

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

# pg_start NAME PORT [SETTING...]: start it, as a process called NAME, and wait
# until it answers.
pg_start() {
	rp_pg=$1
	rp_port=$2
	shift 2
	for rp_setting; do
		set -- "$@" -c "$rp_setting"
		shift
	done
	# Not in a subshell: the process whose id is kept is the server.
	start "$rp_pg" ${pg_user:+setpriv --reuid "$pg_user" \
	    --regid "$(id -g "$pg_user")" --clear-groups --} \
	    "$pg_bin/postgres" -D "$D/$rp_pg" -p "$rp_port" -k "$D" \
	    -c listen_addresses=127.0.0.1 -c fsync=off \
	    -c wal_level=replica -c max_connections=40 \
	    -c shared_buffers=16MB "$@"
	wait_for 10 pg_ready "$rp_port" ||
	    give_up "PostgreSQL starts" "$T/$rp_pg.err"
}

pg_ready() {
	"$pg_bin/pg_isready" -q -h "$D" -p "$1"
}

# pg_signal NAME SIGNAL: to the server's process and to its children.
pg_signal() {
	for rp_pid in $(cat "$T/$1.pid") $(pgrep -P "$(cat "$T/$1.pid")"); do
		kill -"$2" "$rp_pid" 2>/dev/null
	done
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

# For t/bench/failover: the primary and its standby, which is near and read from.
# A commit waits until the standby has applied it, so nothing that was
# acknowledged is lost.
start_postgres() {
	postgres_needed
	far=$(free_port)
	near=$(free_port)
	pg_init one
	pg_start one "$far"
	sql "$far" "create database rp"
	pg_standby two "$far"
	pg_start two "$near"
	sql "$far" "alter system set synchronous_commit = remote_apply"
	sql "$far" "alter system set synchronous_standby_names = '*'"
	sql "$far" "select pg_reload_conf()" >/dev/null
	# shellcheck disable=SC2034
	url=postgresql://rp@127.0.0.1:$near,127.0.0.1:$far/rp
}
kill_postgres() {
	pg_signal one "$signal"
	sleep 2
	sql "$near" "select pg_promote()" >/dev/null
}
promoted_postgres() {
	[ "$(sql "$near" "select pg_is_in_recovery()")" = f ]
}
value_postgres() {
	sql "$near" "select push from rp_device where number = '$1'" rp |
	    sed -n 's/.*"failover-\([0-9]*\)".*/\1/p'
}
stop_postgres() {
	pg_signal one KILL
	stop one KILL
	stop two KILL
	rm -rf "$D/one" "$D/two"
}
