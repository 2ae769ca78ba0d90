#!/bin/sh
# The packages on a bare Debian 12 with systemd. apt installs them and starts
# nothing without a configuration. A call runs while apt upgrades the switch: it
# is not cut, apt does not wait for it, and says that the old switch runs on and
# what to do. The new tools talk to the old switch. A restart then changes over
# when the call has ended. Removal drains, and a purge leaves nothing.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/debs.sh"
. "$(dirname "$0")/bareroot.sh"
. "$(dirname "$0")/nspawn.sh"
why=$(debs_can) || skip_all "$why"
own_machine "$0" "$@"
debs=$(debs 2>"$T/debs.err") || give_up "the packages" "$T/debs.err"

# build_of <TEXT: the build that a program or a switch says it is.
build_of() {
	sed -nE 's/.*build[" :]+([0-9a-f]{8,}).*/\1/p' | head -n 1
}

# The next version, whose programs have another build identifier.
repack() {
	next=$T/next
	dpkg-deb -R "$debs"/rp-switchd_*.deb "$next" &&
	sed -i 's/^Version: .*/&+next/' "$next/DEBIAN/control" &&
	id=$("$next/usr/bin/rp-switchd" --version | build_of) &&
	perl -0777 -pi -e 'BEGIN { $id = pack "H*", shift }
	    $n = substr($id, 0, 1) eq "\xff" ? "\xfe" : "\xff";
	    s/\Q$id\E/$n . substr($id, 1)/es' "$id" \
	    "$next/usr/bin/rp-switchd" &&
	dpkg-deb -b "$next" "$root/root/next.deb"
}

# everything: the files of the machine, but what apt and the run itself write.
everything() {
	(cd "$root" && find . -xdev \( -path ./root -o -path ./proc \
	    -o -path ./sys -o -path ./dev -o -path ./tmp -o -path ./run \
	    -o -path ./var/log -o -path ./var/tmp -o -path ./var/cache \
	    -o -path ./var/lib/dpkg -o -path ./var/lib/apt \
	    -o -path './var/lib/systemd*' -o -name 'group*' \
	    -o -name 'passwd*' -o -name 'g*shadow*' \) -prune -o -print) | sort
}

switch() {
	inside sw rp-drain "$@"
}
pid_of_switch() {
	inside sw systemctl show -P MainPID rp-switchd
}
status_is() {
	switch --status --json | jq -e "$1"
}
# Packets that alice has sent, at the switch.
packets() {
	switch --sessions --json | jq -s '[.[].parties[].rtp_packets] | max // 0'
}
sent_more_than() {
	[ "$(packets)" -gt "$1" ]
}
# call NAME: alice calls bob, until she is stopped.
call() {
	start "bob$1" inside sw rp-dial --account /root/bob.conf --answer \
	    --echo --once --ready-file "/root/bob$1.ready"
	wait_for 20 test -s "$root/root/bob$1.ready" ||
	    give_up "bob waits" "$T/bob$1.err"
	start "alice$1" inside sw rp-dial --account /root/alice.conf \
	    --duration 600 --json "/root/alice$1.json" bob
	wait_for 20 sent_more_than 0
}
# hang_up NAME: and see how it was.
hang_up() {
	inside sw pkill -INT -f "alice$1.json"
	join "alice$1"
	is $? 0 "$2"
}

#
# Installed
#
make_root sw || skip_all "cannot mount an overlay"
root=$(root_of sw)
cp "$debs"/*.deb "$root/root/"
check "a next version" repack
boot sw
everything >"$T/before"
if inside sw sh -c 'cd /root && DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq -y --no-install-recommends ./rp-*.deb' \
    >"$T/install" 2>&1; then
	pass "apt installs the packages"
else
	give_up "apt installs the packages" "$T/install"
fi
like "$(cat "$T/install")" "no configuration yet" "and says what is missing"
is "$(inside sw systemctl is-active rp-switchd)" inactive "nothing is started"
is "$(inside sw systemctl --failed --no-legend)" "" "nothing has failed"
is "$(inside sw stat -c '%U %G %a' /etc/rp /etc/rp/tls /var/lib/rp | xargs)" \
    "root rp 2750 root rp 2750 rp-switchd rp 750" "its folders are there"

# A certificate, two accounts and a directory, as --dev makes them.
start_switch dev
stop dev
for account in alice bob; do
	sed 's/^switch = .*/switch = "127.0.0.1:31337";/' \
	    "$T/dev.d/$account.conf" >"$root/root/$account.conf"
done
cp "$T/dev.d/ca.pem" "$root/root"
cp "$T/dev.d/cert.pem" "$T/dev.d/key.pem" "$root/etc/rp/tls"
chmod 640 "$root/etc/rp/tls/key.pem"
cp "$T/dev.d/rp.db" "$root/var/lib/rp"
inside sw chown --reference=/var/lib/rp /var/lib/rp/rp.db
cat >"$root/etc/rp/rp-switchd.conf" <<-END
	name = "127.0.0.1";
	call: { listen = "127.0.0.1:31337"; };
	answer: { listen = "127.0.0.1:31338"; };
	relay: { listen = "127.0.0.1:3478"; };
	push: { command = "rp-pushsend --dev"; };
END
check "it starts when it has a configuration" \
    inside sw systemctl enable --now rp-switchd
check "and takes calls" wait_for 10 status_is .open

#
# Upgraded with a call
#
check "a call" call 1
old=$(pid_of_switch)
apt_install_next() {
	inside sw sh -c 'cd /root && DEBIAN_FRONTEND=noninteractive \
	    apt-get install -qq -y ./next.deb' >"$T/upgrade" 2>&1
}
check "apt upgrades the switch and returns while the call runs" apt_install_next
sed 's/^/# /' "$T/upgrade"
like "$(cat "$T/upgrade")" "old switch runs on" "apt says which one runs"
like "$(cat "$T/upgrade")" "systemctl restart rp-switchd" "and what to do"
is "$(pid_of_switch)" "$old" "the old switch was not touched"
check "the call goes on" wait_for 10 sent_more_than $(($(packets) + 50))
check "the new tools talk to the old switch" status_is '.calls == 1'
installed=$(inside sw rp-switchd --version | build_of)
like "$(switch --status --json | build_of)" "[0-9a-f]" "it says its build"
check "which is not the installed one" \
    status_is ".build != \"$installed\""
inside sw systemctl restart --no-block rp-switchd
check "a restart drains" wait_for 10 status_is '.draining_ms != null'
hang_up 1 "the call completes"
check "then the installed one runs" wait_for 20 status_is \
    ".build == \"$installed\""

#
# Removed
#
check "another call" call 2
start remove inside sw apt-get remove -qq -y rp-switchd
check "a removal drains" wait_for 20 status_is '.draining_ms != null'
check "the call goes on" wait_for 10 sent_more_than $(($(packets) + 20))
hang_up 2 "and completes"
join remove
is $? 0 "the package is removed"
nothing_runs() {
	! inside sw pgrep 'rp-(switchd|pushsend|drain)'
}
check "nothing of it runs" wait_for 5 nothing_runs
check "its configuration is kept" test -s "$root/etc/rp/rp-switchd.conf"
check "so are the subscribers" test -s "$root/var/lib/rp/rp.db"
is "$(inside sw systemctl --failed --no-legend)" "" "nothing has failed"
check "a purge" inside sw apt-get purge -qq -y rp-switchd rp-tools rp-doc
everything >"$T/after"
is "$(diff "$T/before" "$T/after")" "" "leaves no file"
is "$(inside sw ls -d /run/rp-switchd 2>/dev/null)" "" "nor a socket"
finish
