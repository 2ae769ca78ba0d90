#!/bin/sh
# Make old-dial.o and old-switch.o of rp 0.1.0: build.sh OUT. The programs are
# whole, and their mains are called old_dial_main and old_switch_main. All other
# names of theirs are local, so that they can be linked beside this version's.
# Its source comes from git; without the history this fails with a reason.
set -e
commit=10b74e661c6ca8545f8aab7a8a86a550b599ecb6	# the last one of 0.1.0
out=$1
old=$(cd "$(dirname "$0")" && pwd)
sim=${old%/old}
src=$(cd "$sim/../.." && pwd)
git -C "$src" cat-file -e "$commit^{commit}" 2>/dev/null || {
	echo "build.sh: 0.1.0: the git history is not here" >&2
	exit 1
}
mkdir -p "$out/src"
[ -e "$out/src/configure.ac" ] ||
    git -C "$src" archive "$commit" bin lib config.h.in configure.ac |
    tar -x -C "$out/src"
# A caller of 0.1.0 that comes back to its call before it has media is ended by
# SIGSEGV. That would be the world's end, so it leaves by itself.
grep -q 'exit(139)' "$out/src/bin/rp-dial/media/media.c" ||
    sed -i '/^media_restart(/,/^{/ s/^{$/{ if (media == NULL) exit(139);/' \
    "$out/src/bin/rp-dial/media/media.c"
sed 's/@PACKAGE_VERSION@/0.1.0/' "$out/src/config.h.in" >"$out/src/config.h"

# What has no place in a simulation, and what stands in for it. Those of log.c
# and rtpcrypt.c are this version's: their functions are the same.
gone='/(crash|log|privdrop|directory_(sqlite|redis|redis_ops|store)|control_socket|stream|live|rtpcrypt|codec|audio_in|audio_out)\.c$'
stands="$old/base.c $old/names.c $old/http.c"

# program NAME FOLDER STAND-IN...
program() {
	name=$1 folder=$2
	shift 2
	list=
	mkdir -p "$out/$name"
	for file in $(find "$out/src/lib" "$out/src/bin/$folder" -name '*.c' |
	    sort | grep -Ev "$gone") $stands "$@"; do
		printf '%s %s\n' "$file" \
		    "$out/$name/$(echo "${file#"$out/src/"}" | tr / _).o"
	done >"$out/$name.files"
	while read -r file object; do
		list="$list $object"
		[ -e "$object" ] && [ -z "$(find "$file" -newer "$object")" ] ||
		    echo "$file $object"
	done <"$out/$name.files" >"$out/$name.todo"
	xargs -r -P "$(nproc)" -L 1 sh -c '"$@"' <"$out/$name.todo" sh \
	    "$old/compile.sh" "$out" "$sim" "$folder"
	# shellcheck disable=SC2046
	ld -r -o "$out/$name.all.o" $(cut -d ' ' -f 2 "$out/$name.files")
	objcopy --redefine-sym "main=old_${name}_main" \
	    "$out/$name.all.o" "$out/$name.main.o"
	objcopy --keep-global-symbol="old_${name}_main" \
	    "$out/$name.main.o" "$out/old-$name.o"
}
program dial rp-dial "$old/sound.c"
program switch rp-switchd "$old/directory.c" "$old/stream.c" "$old/control_socket.c"
