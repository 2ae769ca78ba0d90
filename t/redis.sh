# Sourced by scenarios with Redis servers of their own.

free_port() {
	perl -MSocket -e 'socket(S, AF_INET, SOCK_STREAM, 0);
	    bind(S, sockaddr_in(0, INADDR_LOOPBACK));
	    print +(sockaddr_in(getsockname(S)))[0]'
}

# redis NAME PORT [ARGUMENT...]: a server with its data in $T/NAME.d.
redis() {
	rp_redis=$1
	rp_port=$2
	shift 2
	mkdir -p "$T/$rp_redis.d"
	start "$rp_redis" redis-server --bind 127.0.0.1 --port "$rp_port" \
	    --dir "$T/$rp_redis.d" --save "" --appendonly yes \
	    --repl-diskless-sync-delay 0 "$@"
	wait_for 10 redis-cli -p "$rp_port" ping
}

# redis_pair: servers on $primary and $replica, the second a copy of the first.
redis_pair() {
	redis primary "$primary"
	redis replica "$replica" --replicaof 127.0.0.1 "$primary"
	synced "$replica"
}

# synced PORT: wait until the replica there has all its primary's data.
synced() {
	wait_for 10 sh -c "redis-cli -p $1 info replication |
	    grep -q master_link_status:up"
}

# sentinel NAME PORT PRIMARY-PORT: watch the primary there as "rp", alone.
sentinel() {
	mkdir -p "$T/$1.d"
	cat >"$T/$1.d/sentinel.conf" <<EOT
bind 127.0.0.1
port $2
dir $T/$1.d
sentinel monitor rp 127.0.0.1 $3 1
sentinel down-after-milliseconds rp 500
sentinel failover-timeout rp 3000
EOT
	start "$1" redis-server "$T/$1.d/sentinel.conf" --sentinel
	wait_for 10 redis-cli -p "$2" ping
}
