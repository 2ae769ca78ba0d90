# Sourced after lib.sh and signal.sh by scenarios that flood a switch. It
# provides attackers, and a service manager that expects its watchdog to be fed.
# The switch is called "switch".

# start_watched [ARGUMENT...]: rp-switchd --dev with a watchdog, fed ten times a
# second into $T/manager.out. start_watched_by ARGUMENT...: one that these start.
cat >"$T/manager" <<'EOF2'
use Socket;
use Time::HiRes "time";
socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die;
bind($s, sockaddr_un($ARGV[0])) or die;
$| = 1;
while (defined recv($s, my $text, 4096, 0)) {
	print map { sprintf "%.3f %s\n", time, $_ } split /\n/, $text;
}
EOF2
start_watched() {
	start_watched_by --dev "$T/switch.d" --listen 127.0.0.1:0 "$@"
}
start_watched_by() {
	start manager perl "$T/manager" "$T/notify"
	wait_for 5 test -S "$T/notify"
	start switch env NOTIFY_SOCKET="$T/notify" WATCHDOG_USEC=200000 \
	    rp-switchd "$@" --ready-file "$T/switch.ready"
	wait_for 20 test -s "$T/switch.ready" && return
	give_up "rp-switchd starts" "$T/switch.err"
}

# fed: how often the watchdog was, so far.
fed() {
	grep -c ' WATCHDOG=1$' "$T/manager.out"
}

# What strangers say. A STUN message is 20 bytes, an empty frame of data 4.
flood_request='GET /signal HTTP/1.1\r\n\r\n'
flood_upgrade='GET /signal HTTP/1.1\r\nConnection: Upgrade\r\n'\
'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'\
'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
flood_ping=898000000000
flood_allocate=000300002112a442000000000000000000000000
flood_data=40000000

# start_flood NAME PLACE [FLOOD-ARGUMENT...]: at an address of the ready file;
# returns once it has got going.
start_flood() {
	rp_flood=$1
	rp_place=$2
	shift 2
	start "$rp_flood" "$RP_BUILD/t/tools/flood" \
	    -a "$(address "$rp_place")" "$@"
	wait_for 20 said "$rp_flood" 100000
}

# said NAME BYTES: so much so far?
said() {
	[ "$(flooded "$1" sent)" -gt "$2" ]
}

# flooded NAME sent|heard|opened|ended
flooded() {
	rp_line=$(grep '^sent=.*ended=[0-9]*$' "$T/$1.out" | tail -n 1)
	rp_line=${rp_line#*"$2="}
	rp_line=${rp_line%% *}
	echo "${rp_line:-0}"
}
