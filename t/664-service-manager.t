#!/bin/sh
# A switch as systemd's service, on a bare Debian 12. Whoever makes the database
# first, it belongs to the switch; so do the folders that an earlier unit with
# DynamicUser= left. A switch whose address is not there yet, or whose directory
# is not, or that crashes again and again, comes up by itself. A stop waits for
# the running call and cannot be undone, and says so. A reboot tells the callers
# to dial again, soon, and the switch is there after it. The answer port can be
# on 443, and callers who connect during an upgrade wait for its end.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/bareroot.sh"
. "$(dirname "$0")/nspawn.sh"
own_machine "$0" "$@"

make_root a
root=$(root_of a)
make -s -C "$RP_BUILD" install DESTDIR="$root" >"$T/install" 2>&1 ||
    give_up "make install" "$T/install"
boot a
at() {
	inside a "$@"
}
# What the switch says of itself.
takes_calls() {
	at rp-drain --status
}
refuses_for() {
	at rp-drain --status --json | jq -e --arg r "$1" '.reasons == [$r]'
}
restarts() {
	at systemctl show -P NRestarts rp-switchd
}
has_restarted() {
	[ "$(restarts)" -ge "$1" ]
}
owner() {
	at stat -L -c '%U %G %a' "$@"
}

at systemctl daemon-reload
at systemd-sysusers 2>/dev/null
at systemd-tmpfiles --create 2>/dev/null
is "$(at stat -c '%U %G %a %n' /etc/rp /etc/rp/tls /var/lib/rp)" \
    "root rp 2750 /etc/rp
root rp 2750 /etc/rp/tls
rp-switchd rp 750 /var/lib/rp" "folders are made with their owners"

# A certificate, and alice and bob, as --dev makes them.
at sh -c 'rp-switchd --dev /root/dev --listen 127.0.0.1:0 \
    --ready-file /root/ready 2>/root/dev.log & echo $! >/root/dev.pid'
wait_for 10 test -s "$root/root/ready"
at sh -c 'kill $(cat /root/dev.pid)'
cp "$root/root/dev/cert.pem" "$root/root/dev/key.pem" "$root/etc/rp/tls/"
chmod 640 "$root/etc/rp/tls/key.pem"
sed -i 's|^switch = .*|switch = "127.0.0.1";|' "$root"/root/dev/*.conf
sed -e 's|^name = .*|name = "127.0.0.1";|' \
    -e 's|command = "rp-pushsend.*|command = "rp-pushsend --dev";|' \
    "$root/etc/rp/rp-switchd.conf.sample" >"$root/etc/rp/rp-switchd.conf"

# The database, made by root before the first start; and by a start first.
at sh -c 'rp-users --db sqlite:/root/dev/rp.db export | rp-users import -' \
    >"$T/import" 2>&1 || give_up "subscribers" "$T/import"
at systemctl enable --now rp-switchd 2>"$T/start" ||
    give_up "the switch starts" "$T/start"
check "the database that root made is the switch's" takes_calls
at systemctl stop rp-switchd
at sh -c 'mv /var/lib/rp/rp.db /root; rm -f /var/lib/rp/rp.db-*'
at systemctl start rp-switchd
check "without a database it starts" refuses_for no-directory
at rp-users init
check "and takes calls when root has made one" wait_for 10 takes_calls
at systemctl stop rp-switchd
at sh -c 'mv /var/lib/rp /var/lib/private/ && mv /root/rp.db /var/lib/private/rp
    chown -R 61234:61234 /var/lib/private/rp && ln -s private/rp /var/lib/rp'
at systemctl start rp-switchd
check "folders of a unit with DynamicUser= are taken over" takes_calls
is "$(owner /var/lib/rp /var/lib/rp/rp.db)" "rp-switchd rp 750
rp-switchd rp 600" "with what is in them"

# What it needs comes late.
conf() {
	sed -i "$1" "$root/etc/rp/rp-switchd.conf"
}
conf '/^relay/,/^}/s|#listen = .*|listen = "198.51.100.7:3478";|'
at systemctl restart rp-switchd 2>/dev/null
check "an address that is not there: tried again, more than five times" \
    wait_for 20 has_restarted 6
at ip addr add 198.51.100.7/32 dev lo
check "and up when it is there" wait_for 10 takes_calls
conf '/^relay/,/^}/s|^\tlisten = .*|\t#listen = "0.0.0.0:3478";|'
at systemctl stop redis-server
conf 's|^#directory = .*|directory = "redis://127.0.0.1";|'
at systemctl restart rp-switchd
check "a directory that is not there: no calls" refuses_for no-directory
at systemctl start redis-server
at rp-users --db redis://127.0.0.1 init
check "and up when it is there" wait_for 10 takes_calls
conf 's|^directory = .*|#&|'
at systemctl restart rp-switchd
before=$(restarts)
crash_again() {
	wait_for 20 takes_calls && at sh -c \
	    'kill -SEGV $(systemctl show -P MainPID rp-switchd)' &&
	    wait_for 20 has_restarted $((before + 1)) && before=$(restarts)
}
for crash in 1 2 3 4 5 6; do
	crash_again || break
done
is "$crash" 6 "six crashes in a row"
check "and up again" wait_for 20 takes_calls

# dial NAME ARGUMENT...: rp-dial as a service, which a reboot ends only after
# the switch. A process from outside would be stopped by it and never go on.
dial() {
	dial_name=$1
	shift
	at systemd-run --quiet --unit="$dial_name" --setenv=HOME=/root \
	    --property=Before=rp-switchd.service rp-dial "$@"
}
dial bob --account /root/dev/bob.conf --answer --echo \
    --ready-file /root/bob.ready
wait_for 10 test -s "$root/root/bob.ready"
# call NAME: alice calls bob, until she is told to stop.
call() {
	dial "$1" --account /root/dev/alice.conf --duration 600 \
	    --json "/root/$1.json" bob
	wait_for 20 talks || give_up "a call"
}
talks() {
	at rp-drain --status --json | jq -e '[.sessions[].state] == ["answered"]'
}
# ended NAME: how it ended.
ended() {
	wait_for 30 test -s "$root/root/$1.json"
	jq -r .end_reason "$root/root/$1.json"
}
hang_up() {
	at systemctl kill -s INT "$1"
	ended "$1"
}

call first
at systemctl stop rp-switchd >"$T/stop" 2>&1 &
echo $! >"$T/stop.pid"
check "a stop drains" wait_for 10 refuses_for draining
at rp-drain --undrain >"$T/undrain" 2>&1
is $? 8 "and cannot be undone"
like "$(cat "$T/undrain")" "stop" "which is said: $(cat "$T/undrain")"
check "the call goes on" talks
check "and the stop waits" running stop
is "$(hang_up first)" completed "until the call has ended by itself"
join stop
is "$? $(at systemctl is-active rp-switchd)" "0 inactive" "then it is stopped"

# The answer port on 443, through systemd.
conf '/^answer/,/^}/s|#listen = .*|listen = "0.0.0.0:443";|'
at systemctl enable --now rp-switchd.socket 2>/dev/null
at systemctl start rp-switchd
call second
is "$(hang_up second)" completed "a call with the answer port on 443"
at sh -c 'kill -STOP $(systemctl show -P MainPID rp-switchd)'
at sh -c 'kill -KILL $(systemctl show -P MainPID rp-switchd)'
is "$(at curl -sk --max-time 30 -o /dev/null -w '%{http_code}' \
    https://127.0.0.1:443/keepalive)" 401 \
    "whoever connects while it is down waits until it is up"
like "$(at sh -c 'cat /proc/$(systemctl show -P MainPID rp-switchd)/status')" \
    'CapPrm:.0000000000000000' "without a capability"

wait_for 10 takes_calls
call third
at systemctl reboot
like "$(ended third)" moved "a reboot ends the call: dial again"
check "and goes on" wait_for 30 has_halted a
boot a
check "after it the switch is there again" wait_for 20 takes_calls
finish
