#!/bin/sh
# The image of contrib/container. It is built without a registry, upon a bare
# Debian 12, and run as it should be: with nothing to write to but its volumes, by
# a number that is not root's, without a capability. Its health is asked in both
# documented ways. A call goes through it. SIGTERM closes it for new calls, is no
# sickness, lets the call go on, and ends it with 0 when the call has ended.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/debs.sh"
. "$(dirname "$0")/bareroot.sh"
. "$(dirname "$0")/nspawn.sh"
why=$(debs_can) || skip_all "$why"
for tool in podman buildah crun; do
	command -v $tool >/dev/null || skip_all "no $tool"
done
own_machine "$0" "$@"
debs=$(debs 2>"$T/debs.err") || give_up "the packages" "$T/debs.err"

# crun refuses a host that has both kinds of control groups, and needs none.
mount -t cgroup2 cgroup2 /sys/fs/cgroup || skip_all "cannot mount cgroup2"
ip netns add box && nsenter --net=/run/netns/box ip link set lo up ||
    skip_all "needs network namespaces"
# in_box COMMAND...: with loopback and nothing else.
in_box() {
	nsenter --net=/run/netns/box "$@"
}
# stored TOOL ARGUMENT...: podman or buildah with a store of their own. What runs
# is in memory, at a place that stays the same, because podman remembers it.
images=$RP_BUILD/images
mkdir -p "$images/run" && mount -t tmpfs tmpfs "$images/run" ||
    skip_all "cannot mount a tmpfs"
stored() {
	stored_tool=$1
	shift
	set -- "$stored_tool" --root "$images/root" --runroot "$images/run" "$@"
	[ "$stored_tool" != podman ] || {
		shift
		set -- podman --tmpdir "$images/run/tmp" "$@"
	}
	in_box env TMPDIR="$T" "$@"
}
box() {
	stored podman exec box "$@"
}

#
# Built
#
# What an earlier state of the sources has left.
stored podman image prune -f >/dev/null 2>&1
base=localhost/rp-test-base:${machine_base##*-}
stored podman image exists "$base" 2>/dev/null ||
    tar -C "$machine_base" -c --exclude=./usr/share/doc \
	--exclude=./usr/share/man --exclude=./usr/share/locale \
	--exclude=./usr/share/zoneinfo --exclude='./var/cache/*' \
	--exclude='./var/lib/apt/lists/*' . 2>/dev/null |
    stored podman import - "$base" >"$T/import" 2>&1 ||
    skip_all "no image can be made: $(tail -n 1 "$T/import")"
mkdir "$T/context"
cp "$debs"/rp-switchd_*.deb "$T/context"
if stored buildah bud --isolation chroot --format docker --build-arg \
    BASE="$base" -t localhost/rp-test -f \
    "$RP_SRC/contrib/container/Containerfile" "$T/context" >"$T/bud" 2>&1; then
	pass "the image is built"
else
	give_up "the image is built" "$T/bud"
fi

#
# Run
#
start_switch dev
stop dev
mkdir "$T/etc" "$T/state"
cp "$T/dev.d/cert.pem" "$T/dev.d/key.pem" "$T/etc"
chmod 644 "$T/etc/key.pem"	# its number has no other way to it here
cat >"$T/etc/rp-switchd.conf" <<-END
	name = "127.0.0.1";
	tls: { certificate = "cert.pem"; key = "key.pem"; };
	call: { listen = "127.0.0.1:31337"; };
	answer: { listen = "127.0.0.1:31338"; };
	relay: { listen = "127.0.0.1:3478"; };
	metrics: { listen = "127.0.0.1:9090"; };
	push: { command = "rp-pushsend --dev"; };
END
# The limit of descriptors is the machine's, because a higher one may be denied.
start switch stored podman run --rm --name box --network host \
    --cgroups=disabled --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 \
    --read-only --cap-drop all --security-opt no-new-privileges \
    -v "$T/etc:/etc/rp:ro" -v "$T/state:/var/lib/rp:U" localhost/rp-test
lives() {
	box rp-drain --sessions
}
wait_for 20 lives || {
	running switch || skip_all "no container can be run:" \
	    "$(grep -v CNI "$T/switch.err" | tail -n 1)"
	give_up "the switch runs" "$T/switch.err"
}
is "$(box sed -nE 's/^(Name|Uid|CapBnd|NoNewPrivs):\t(\S+).*/\2/p' \
    /proc/1/status | xargs)" "rp-switchd 65532 0000000000000000 1" \
    "process 1 is the switch, which is not root and never can be"
like "$(box touch /etc/x /usr/x /var/lib/x 2>&1 | grep -c Read-only)" "^3$" \
    "its root is read-only"
# health: what the image's own check says.
health() {
	stored podman healthcheck run box
}
http() {
	in_box curl -s -o "$T/http" -w '%{http_code}' \
	    "http://127.0.0.1:9090/$1"
}
check "it is healthy" health
is "$(http health)" 200 "also by HTTP"
is "$(http ready)" 503 "without a directory it is not ready"

#
# Called
#
for name in alice bob; do
	token=$(box rp-users add $name 2>"$T/users.err")
	cat >"$T/$name.conf" <<-END
		number = "$name";
		token = "$token";
		switch = "127.0.0.1:31337";
		ca = "$T/dev.d/ca.pem";
		identity = "$T/$name.identity";
		known_peers = "$T/$name.known";
	END
done
is_ready() {
	[ "$(http ready)" = 200 ]
}
check "it is ready when it has subscribers" wait_for 10 is_ready
start bob in_box rp-dial --account "$T/bob.conf" --answer --echo --once \
    --ready-file "$T/bob.ready"
wait_for 20 test -s "$T/bob.ready" || give_up "bob waits" "$T/bob.err"
start alice in_box rp-dial --account "$T/alice.conf" --duration 600 \
    --json "$T/alice.json" bob
packets() {
	box rp-drain --sessions --json 2>/dev/null |
	    jq -s '[.[].parties[].rtp_packets] | max // 0'
}
sent_more_than() {
	[ "$(packets)" -gt "$1" ]
}
check "a call" wait_for 20 sent_more_than 0

#
# Drained
#
stored podman kill --signal TERM box >/dev/null 2>&1
drains() {
	box rp-drain --status --json | jq -e '.draining_ms != null'
}
check "SIGTERM drains" wait_for 10 drains
check "the call goes on" wait_for 10 sent_more_than $(($(packets) + 20))
check "a drain is healthy" health
is "$(http health) $(http ready)" "200 503" "and not ready"
in_box rp-dial --account "$T/alice.conf" bob >"$T/new" 2>&1
is $? 2 "new calls are refused"
kill -INT "$(pgrep -f "^rp-dial .*$T/alice.json")"
join alice
is $? 0 "the call completes"
join switch
is $? 0 "and the container ends with 0"
check "its subscribers are in the volume" test -s "$T/state/rp.db"
finish
