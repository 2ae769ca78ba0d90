# Sourced by scenarios that need a /dev/log of their own. Source lib.sh first.

# own_dev WHAT: start "own", a mount namespace whose /dev is this test's. Where
# that cannot be, skip WHAT and finish.
own_dev() {
	if ! unshare -m true 2>/dev/null || [ "$(id -u)" != 0 ]; then
		skip "$1" "needs a mount namespace and device files"
		finish
	fi
	cat >"$T/own_dev" <<-'END'
	mount --make-rprivate / && mkdir "$1" && mount -t tmpfs none "$1" &&
	    cp -a /dev/null /dev/zero /dev/random /dev/urandom "$1" &&
	    ln -s /proc/self/fd "$1/fd" && mount --bind "$1" /dev &&
	    echo ready && exec sleep 600
	END
	start own unshare -m sh "$T/own_dev" "$T/dev"
	wait_for 10 grep -q ready "$T/own.out" ||
	    { skip "$1" "no /dev of one's own"; finish; }
}
