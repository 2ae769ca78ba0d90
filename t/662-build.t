#!/bin/sh
# Which build runs, and which is installed. Every tool tells its build beside its
# version. A running switch tells its own by the control socket, the log and the
# metrics, and goes on telling it when its file is replaced. So an operator sees
# that an upgrade takes effect only with a restart, though the version is the
# same.
. "$(dirname "$0")/lib.sh"

command -v readelf >/dev/null || skip_all "readelf is missing"
mkdir "$T/bin"
installed=$T/bin/rp-switchd
cp "$RP_BUILD/bin/rp-switchd/rp-switchd" "$installed"
note=$(LC_ALL=C readelf -n "$installed" | sed -n 's/.*Build ID: //p')
[ -n "$note" ] || skip_all "the linker makes no build identifiers"

# told FILE: the build that a program says it is.
told() {
	"$1" --version | sed -n 's/^rp-[a-z]* [0-9.]* (build \([^ ]*\))$/\1/p'
}
is "$(told "$installed")" "$note" "--version tells the linker's identifier"
version=$(sed -n 's/^AC_INIT(\[rp\], \[\([^]]*\)\].*/\1/p' "$RP_SRC/configure.ac")
is "$("$installed" --version | cut -d ' ' -f 1-2)" "rp-switchd $version" \
    "behind the name and the version"
for tool in dial drain pushsend regionprobe users; do
	told "$RP_BUILD/bin/rp-$tool/rp-$tool"
done | sort -u >"$T/others"
is "$(grep -cE '^[0-9a-f]{16,64}$' "$T/others")" 5 "so does every tool, its own"
cp "$installed" "$T/stripped"
strip "$T/stripped"
is "$(told "$T/stripped")" "$note" "a stripped program keeps it"

start switch "$installed" --dev "$T/switch.d" --listen 127.0.0.1:0 \
    --ready-file "$T/switch.ready"
wait_for 20 test -s "$T/switch.ready" ||
    give_up "rp-switchd starts" "$T/switch.err"
# runs: the build of the switch that runs.
runs() {
	rp-drain --status --json --socket "$T/switch.d/control" | jq -r .build
}
is "$(runs)" "$note" "a switch that runs tells it (--status --json)"
like "$(rp-drain --status --socket "$T/switch.d/control" | head -n 1)" \
    "rp-switchd [0-9.]+ \\(build $note\\), pid" "and --status for people"
like "$(cat "$T/switch.err")" "event=ready name=[^ ]+ version=[0-9.]+ \
build=$note\$" "and its log"
metrics=$(ready "$T/switch.ready" metrics)
like "$(curl -s "http://$metrics/metrics")" \
    "^rp_build_info\\{version=\"[0-9.]+\",build=\"$note\"\\} 1\$" \
    "and its metrics"

# Another build of the same version: one byte of the note is another.
perl -0777 -pe 'BEGIN { $note = pack "H*", shift }
    s/\Q$note\E/$note ^ "\x01"/e' "$note" "$installed" >"$T/bin/next"
chmod +x "$T/bin/next"
mv "$T/bin/next" "$installed"
next=$(told "$installed")
like "$next" "^[0-9a-f]{16,64}\$" "another build of the version is installed"
is "$(test "$next" != "$note" && echo other)" other "and told apart"
is "$(runs)" "$note" "the switch that runs tells that it is the old one"
stop switch
rm "$T/switch.ready"
start switch "$installed" --dev "$T/switch.d" --listen 127.0.0.1:0 \
    --ready-file "$T/switch.ready"
wait_for 20 test -s "$T/switch.ready"
is "$(runs)" "$next" "after a restart, the new one"
finish
