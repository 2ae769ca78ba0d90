# Sourced after lib.sh by scenarios that run over every engine of the directory.
. "$RP_SRC/t/redis.sh"
. "$RP_SRC/t/postgres.sh"

# shellcheck disable=SC2034
engines="sqlite redis postgresql"
rp_places=0

# engine NAME: start it; $db is the URL of a new place there, in which there is
# no directory yet. Each call gives another place. Fails with the reason in
# $engine_missing where this machine cannot run it.
engine() {
	rp_places=$((rp_places + 1))
	engine_missing=
	"rp_engine_$1"
}

rp_engine_sqlite() {
	db=sqlite:$T/place$rp_places.db
}

rp_engine_redis() {
	command -v redis-server >/dev/null || {
		engine_missing="no redis-server"
		return 1
	}
	[ -n "${rp_redis_port:-}" ] || {
		rp_redis_port=$(free_port)
		redis redis "$rp_redis_port"
	}
	db=redis://127.0.0.1:$rp_redis_port/$rp_places
}

rp_engine_postgresql() {
	[ -n "${rp_pg_port:-}" ] || {
		engine_missing=$(postgres_missing | head -n 1)
		[ -z "$engine_missing" ] || return 1
		postgres_start postgres
		rp_pg_port=$rp_port
	}
	sql "$rp_pg_port" "CREATE DATABASE place$rp_places" >/dev/null
	db=postgresql://rp@127.0.0.1:$rp_pg_port/place$rp_places
}
