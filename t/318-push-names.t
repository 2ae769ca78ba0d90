#!/bin/sh
# A name that nobody answers for delays no other push. Its name server is silent,
# as that of any subscriber's endpoint may be, and the look-up lasts for longer
# than the attempt.
. "$(dirname "$0")/lib.sh"
[ -e /etc/resolv.conf ] || skip_all "needs a resolv.conf to cover"
own_network "$0" "$@"
. "$RP_SRC/t/push/push.sh"

# Packets to the name server go out, and nothing comes back.
ip link add silent type veth peer name nobody 2>/dev/null ||
    skip_all "no veth interfaces"
ip addr add 192.0.2.1/24 dev silent
ip link set silent up
ip link set nobody up
ip neigh add 192.0.2.53 lladdr 02:00:00:00:00:53 dev silent
cat >"$T/resolv.conf" <<'END'
nameserver 192.0.2.53
options timeout:30 attempts:5
END

start_service push webpush
keys=$(cat "$T/push.d/receiver.json")
here=https://localhost:$(service_port push)
cat >"$T/pushsend.conf" <<END
allow = [ "127.0.0.0/8" ];
ca_file = "cert.pem";
END
mkfifo "$T/in"
start sender unshare -m sh -c 'mount --bind "$0/resolv.conf" /etc/resolv.conf &&
    exec rp-pushsend -c "$0/pushsend.conf" <"$0/in"' "$T"
exec 3>"$T/in"

# push ID URL DEADLINE_MS
push() {
	printf '{"id":"%s","type":"webpush","to":{"endpoint":"%s","keys":%s},' \
	    "$1" "$2" "$keys" >&3
	printf '"payload":{"kind":"call"},"deadline_ms":%s}\n' "$3" >&3
}

has_result() {
	grep -q "\"id\":\"$1\"" "$T/sender.out"
}

push silent https://silent.example/x 500
ended="a request ends at its deadline while the look-up of its name goes on"
wait_for 9 has_result silent || give_up "$ended" "$T/sender.err"
pass "$ended"
is "$(results silent "$T/sender.out" .status)" retry "it says that it failed"
push well "$here/ok/well" 60000
check "another is sent meanwhile" wait_for 9 has_result well
is "$(results well "$T/sender.out" .status)" sent "as usual"
exec 3>&-
check "and the end of the sender waits for no look-up" join sender
finish
