#!/bin/sh
# What rp-operate(7) says is true. Its commands are run as they stand there, on
# two bare Debian 12 hosts with systemd and on a computer beside them: install,
# certificates, the directory in Redis, configuration, start, and a call between
# two subscribers. One of the switches is upgraded while it carries a call, which
# goes on, and whoever calls meanwhile reaches the other switch. Then the relay
# moves to port 443 through a socket of systemd's, and one switch is removed.
#
# Left out are only downloads and compilers: the build is the one under test.
# scp copies into the hosts' files.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/bareroot.sh"
. "$(dirname "$0")/nspawn.sh"
[ -x /usr/bin/make ] || skip_all "no /usr/bin/make"
for tool in ip objcopy openssl; do
	command -v $tool >/dev/null || skip_all "$tool is missing"
done
own_machine "$0" "$@"

mkdir "$T/page" "$T/admin" "$T/bin"
perl "$RP_SRC/t/operate.pl" "$RP_SRC/man/rp-operate.7" "$T/page"

# The hosts' network, and names as the page's zone has them.
ip netns add out
ip -n out link add br0 type bridge
ip -n out addr add 192.0.2.9/24 dev br0
ip -n out link set br0 up
ip -n out link set lo up
for n in 1 2; do
	ip netns add fra$n
	ip -n out link add fra$n type veth peer name eth0 netns fra$n
	ip -n out link set fra$n master br0 up
	ip -n fra$n addr add 192.0.2.$n/24 dev eth0
	ip -n fra$n link set eth0 up
	ip -n fra$n link set lo up
done
{
	echo 127.0.0.1 localhost
	sed -nE 's/^([a-z0-9.]+)\.\t[0-9]+\tIN\tA\t([0-9.]+)$/\2 \1/p' \
	    "$RP_SRC/man/rp-operate.7"
} >"$T/hosts"
echo nameserver 127.0.0.1 >"$T/resolv.conf"
mount --bind "$T/hosts" /etc/hosts
mount --bind "$T/resolv.conf" "$(readlink -f /etc/resolv.conf)"
is "$(grep -c '^192' "$T/hosts")" 4 "the test finds the page's zone"

# The source and its build, in the same folders as here.
for host in fra1 fra2; do
	make_root $host
	root=$(root_of $host)
	cp "$T/hosts" "$root/etc/hosts"
	cp /usr/bin/make "$root/usr/bin/make"
	# make compares the programs with the headers that they were built of.
	for folder in /usr/include /usr/lib/gcc; do
		mkdir -p "$root$folder"
		mount --bind "$folder" "$root$folder"
	done
	for folder in "$RP_SRC" "$RP_BUILD"; do
		[ -e "$root$folder/man/rp-operate.7" ] ||
		    [ -e "$root$folder/Makefile" ] && continue
		mkdir -p "$root$folder" "$T/over-$host"
		over=$(mktemp -d "$T/over-$host/XXXXXX")
		mkdir "$over/upper" "$over/work"
		mount -t overlay overlay -o \
		    "lowerdir=$folder,upperdir=$over/upper,workdir=$over/work" \
		    "$root$folder" || skip_all "cannot mount an overlay"
	done
	boot $host $host
done
pass "two bare hosts boot"

cat >"$T/bin/scp" <<'END'
#!/bin/sh
# scp FILE... root@HOST:FOLDER, or root@HOST:FILE FOLDER, of the hosts' files.
set -e
file_of() {
	case $1 in
	root@*:*)
		host=${1#root@}
		echo "$MACHINES-${host%%.*}/root${host#*:}"
		;;
	*) echo "$1" ;;
	esac
}
for to in "$@"; do :; done
to=$(file_of "$to")
while [ $# -gt 1 ]; do
	cp "$(file_of "$1")" "$to"
	shift
done
END
chmod 755 "$T/bin/scp"

# outside COMMAND...: on the computer beside the hosts.
outside() {
	(cd "$T/admin" && MACHINES=$T/machine PATH=$T/bin:$PATH \
	    nsenter --net=/run/netns/out "$@")
}
# run_on HOST FILE: a command of the page, there.
run_on() {
	case $1 in
	admin) outside sh -e "$2" ;;
	*)
		sed "s|make -C build|make -s -C $RP_BUILD|" "$2" |
		    inside "$1" sh -c "cd $RP_SRC && sh -e"
		;;
	esac
}
# walk HOST FILE: the same, as a point of the test. The next ones need it.
walk() {
	walk_name="$1: $(head -n 1 "$2" | tr -d "\\\\" | cut -c 1-60)"
	run_on "$1" "$2" >"$T/walk.out" 2>&1 ||
	    give_up "$walk_name" "$T/walk.out"
	pass "$walk_name"
}
# Those that need what this network has not.
is_left_out() {
	grep -qxE 'scripts/(deps|build build)|apt-get -y install redis-server' "$1"
}
# walk_until COMMAND: walk the page up to the command that begins so, and write
# its file's name to `next`.
walked=0
walk_until() {
	while :; do
		walked=$((walked + 1))
		next=$(ls "$T/page/$(printf %03d $walked)".* 2>/dev/null) ||
		    return
		case $(head -n 1 "$next") in "$1"*) return ;; esac
		is_left_out "$next" && continue
		host=${next##*.}
		[ "$host" != each ] || { walk fra1 "$next"; host=fra2; }
		walk "$host" "$next"
	done
}
report() {
	jq -r "$2" "$T/admin/$1"
}
# build_of FILE: the build that a program is.
build_of() {
	"$1" --version | sed -n 's/.*(build \([0-9a-f]*\).*/\1/p'
}
# runs_build HOST: the one that its switch is.
runs_build() {
	inside "$1" rp-drain --status --json | jq -r .build
}
has_calls() {
	[ "$(inside "$1" rp-drain --status --json | jq .calls)" = "$2" ]
}

walk_until "rp-dial --account bob.conf"
start bob nsenter --net=/run/netns/out sh -c "cd $T/admin &&
    exec $(cat "$next") --ready-file $T/bob.ready"
check "bob: $(head -n 1 "$next")" wait_for 20 test -s "$T/bob.ready"
walk_until "make -C build install"
is "$(report call.json .end_reason)" completed "and the call was completed"
like "$(report call.json .switch.name)" 'fra[12]' \
    "through one of the two switches"

# Upgraded during a call. So that it is fra1 that carries it, fra2 drains.
old=$(runs_build fra1)
is "$old" "$(build_of "$RP_BUILD/bin/rp-switchd/rp-switchd")" \
    "the build under test runs"
new=$(echo "$old" | tr 0-9a-f 1-9a-f0)
inside fra2 rp-drain --timeout 0 >/dev/null
start long nsenter --net=/run/netns/out sh -c "cd $T/admin && exec rp-dial \
    --account alice.conf --duration 600 --json long.json bob"
check "a call through fra1" wait_for 20 has_calls fra1 1
inside fra2 rp-drain --undrain
rm -f "$T/note"
objcopy --dump-section .note.gnu.build-id="$T/note" \
    "$RP_BUILD/bin/rp-switchd/rp-switchd" "$T/copy"
perl -0777 -pi -e "BEGIN { \$new = pack 'H*', '$new' }
    substr(\$_, 16) = \$new" "$T/note"
objcopy --update-section .note.gnu.build-id="$T/note" "$T/copy"
is "$(build_of "$T/copy")" "$new" "there is a newer build"
cp "$T/copy" "$(root_of fra1)$RP_BUILD/bin/rp-switchd/rp-switchd"
walk fra1 "$next"
walk_until "systemctl restart"
is "$(runs_build fra1)" "$old" "the old build runs on"
run_on fra1 "$next" >"$T/restart" 2>&1 &
echo $! >"$T/restart.pid"
refuses() {
	inside fra1 rp-drain --status --json | jq -e '.draining_ms != null'
}
check "fra1: $(cat "$next")" wait_for 20 refuses
cp "$T/admin/alice.conf" "$T/admin/again.conf"
outside rp-dial --account again.conf --json second.json bob 2>/dev/null
is "$(report second.json .switch.name)" fra2.example.org \
    "who calls now reaches the other switch"
check "while the first call goes on" has_calls fra1 1
running restart && pass "the restart waits" || fail "the restart waits"
stop long INT
is $? 0 "until it ends"
is "$(report long.json '.end_reason, .media.loss_pct < 1')" "completed
true" "with all of its sound"
join restart
is $? 0 "the restart ends with it"
is "$(runs_build fra1) $(runs_build fra2)" "$new $old" "and the new build runs"

walk_until "systemctl disable"
is "$(outside rp-dial --account alice.conf --switch fra1.example.org --probe \
    --relay | grep -c ' works: ')" 3 "the relay works each way, TLS on port 443"
is "$(inside fra1 sh -c "cat /proc/\$(pidof -s rp-switchd)/status" |
    awk '/^Cap(Prm|Eff|Bnd)/ { print $2 }' | sort -u)" 0000000000000000 \
    "without a capability"
walked=$((walked - 1))
walk_until "nothing else"
is "$(cd "$(root_of fra2)" && find usr/local -type f | grep rp)" "" \
    "nothing of it is left"
check "but its configuration" test -s "$(root_of fra2)/etc/rp/rp-switchd.conf"
finish
