# Sourced by scenarios that need a real systemd as process 1: a bare Debian 12
# booted in a container. Boots in three seconds. Source lib.sh and bareroot.sh
# first.
#
#	own_machine "$0" "$@"
#	boot a
#	inside a systemctl start rp-switchd
#
# What is mounted is in a mount namespace of the scenario's own, and what runs is
# in a process namespace of its own. So nothing outlives it, and /run/netns is
# its own as well: names there can be short.

# own_machine "$0" "$@": go on, from the top, in namespaces of this test's own,
# or skip all if this machine cannot boot a container.
own_machine() {
	if [ -z "${RP_MACHINE:-}" ]; then
		machine_why=$(bare_can) || skip_all "$machine_why"
		command -v systemd-nspawn >/dev/null ||
		    skip_all "no systemd-nspawn"
		unshare -mp --fork --mount-proc true 2>/dev/null ||
		    skip_all "needs mount and process namespaces"
		rm -rf "$T"
		RP_MACHINE=1 exec unshare -mp --fork --kill-child \
		    --mount-proc --propagation private "$@"
	fi
	mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns ||
	    skip_all "cannot mount a tmpfs"
	machine_base=$(bare_root) || skip_all "no bare Debian 12 can be made:" \
	    "$(tail -n 1 "$RP_BUILD"/bareroot-*.log 2>/dev/null)"
	mount -t tmpfs -o mode=755 tmpfs "$T" || skip_all "cannot mount a tmpfs"
	at_end machine_unmount
}

machine_unmount() {
	for machine_mount in $(awk -v t="$T" 'index($2, t "/") == 1 {print $2}' \
	    /proc/mounts | sort -r); do
		umount -l "$machine_mount"
	done
	umount -l "$T"
}

# root_of NAME: the folder of its files, which may be changed from here.
root_of() {
	echo "$T/machine-$1/root"
}

# make_root NAME: lay a folder over the bare root, to install in it before a
# boot.
make_root() {
	machine_at=$T/machine-$1
	mkdir -p "$machine_at/upper" "$machine_at/work" "$machine_at/root" &&
	    mount -t overlay overlay -o "lowerdir=$machine_base,upperdir=$machine_at/upper,workdir=$machine_at/work" \
	    "$machine_at/root"
}

# leader NAME: the process id here of its process 1.
leader() {
	pgrep -P "$(cat "$T/$1.pid")" | head -n 1
}

# inside NAME COMMAND...: run it there, as root.
inside() {
	machine_name=$1
	shift
	env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
	    HOME=/root LC_ALL=C.UTF-8 \
	    nsenter -t "$(leader "$machine_name")" -a -- "$@"
}

# is_up NAME: it has booted; a unit that failed is the scenario's own affair.
is_up() {
	machine_state=$(inside "$1" systemctl is-system-running 2>/dev/null)
	[ "$machine_state" = running ] || [ "$machine_state" = degraded ]
}

# has_halted NAME: it was told to reboot or to power off, and has done so. Its
# files are still there, so `boot` boots it again.
has_halted() {
	! kill -0 "$(cat "$T/$1.pid")"
}

# boot NAME [NETNS]: boot it, with loopback only or in a named network
# namespace, and wait until it is up.
boot() {
	[ -d "$T/machine-$1/root" ] || make_root "$1" ||
	    skip_all "cannot mount an overlay"
	machine_network=--private-network
	[ $# -eq 1 ] ||
	    machine_network=--network-namespace-path=/run/netns/$2
	start "$1" systemd-nspawn --quiet --register=no --keep-unit --boot \
	    --machine="rp-${T##*-}-$1" --directory="$T/machine-$1/root" \
	    --console=pipe "$machine_network"
	wait_for 60 is_up "$1" || {
		sed 's/^/# /' "$T/$1.out" "$T/$1.err"
		# Before anything was seen to run, it is the machine's lack.
		[ $rp_n -gt 0 ] || skip_all "systemd does not boot here:" \
		    "$(tail -n 1 "$T/$1.err")"
		give_up "$1 boots"
	}
}
