# Sourced by scenarios that need a bare Debian 12: a root that has what a minimal
# installation has, systemd, and the packages that rp or its operator installs
# from Debian. No -dev package, and nothing of ours. It is made once per build
# folder, by mmdebstrap, and never changed: each scenario lays a folder of its
# own over it.

# libraries: what rp's programs are linked with. A package's own dependencies
# are tested against it.
bare_libraries="libevent-core-2.1-7 libevent-extra-2.1-7
	libevent-pthreads-2.1-7 libgnutls30 libnettle8
	libhogweed6 libgmp10 zlib1g libconfig9 libc-ares2 libldns3 libjansson4
	libcurl3-gnutls libsrtp2-1 libopus0 libsndfile1 libspeexdsp1 libsqlite3-0
	libsdl2-2.0-0 libhiredis0.14 libpq5 liburcu8 libsystemd0 libseccomp2 libwslay1
	libqrencode4"
bare_others="systemd-sysv dbus iproute2 procps ca-certificates openssl curl jq
	sqlite3 redis-server adduser"

# bare_can: whether this machine can make it; else says why not.
bare_can() {
	[ "$(id -u)" = 0 ] || { echo "needs root"; return 1; }
	command -v mmdebstrap >/dev/null || { echo "no mmdebstrap"; return 1; }
	[ -r /usr/share/keyrings/debian-archive-keyring.gpg ] ||
	    { echo "no keys of Debian's archive"; return 1; }
}

# bare_sources: the machine's own sources of Debian 12, because another mirror
# may be out of reach. Nothing if it has none: mmdebstrap knows Debian's.
bare_sources() {
	for bare_file in /etc/apt/sources.list \
	    /etc/apt/sources.list.d/debian.sources; do
		[ -s "$bare_file" ] && grep -q bookworm "$bare_file" &&
		    { echo "$bare_file"; return; }
	done
}

# bare_root: print the root's folder, made if it is not there yet. Scenarios that
# run at the same time wait for one of them to make it.
bare_root() {
	bare_list=$(echo $bare_libraries $bare_others | tr ' ' ,)
	bare_dir=$RP_BUILD/bareroot-$(echo "$bare_list" | cksum | cut -d' ' -f1)
	(
		flock 9
		[ ! -d "$bare_dir" ] || exit 0
		rm -rf "$bare_dir.new"
		mmdebstrap --quiet --mode=root --variant=minbase \
		    --format=directory --include="$bare_list" \
		    bookworm "$bare_dir.new" $(bare_sources) \
		    >"$bare_dir.log" 2>&1 </dev/null 9>&- ||
		    { rm -rf "$bare_dir.new"; exit 1; }
		: >"$bare_dir.new/etc/machine-id"
		mv "$bare_dir.new" "$bare_dir"
	) 9>"$RP_BUILD/bareroot.lock" || {
		tail -n 5 "$bare_dir.log" >&2
		return 1
	}
	echo "$bare_dir"
}
