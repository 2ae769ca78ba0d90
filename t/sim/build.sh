#!/bin/sh
# Link a program of the simulation: build.sh BUILD OUT SOURCE...
# BUILD has the archives of the product. A source may be an object. A file
# SOURCE.taps beside a source names functions of the product that the source
# wraps, one a line. The objects are in OUT.objects/list. See README.
set -e
build=$1 out=$2
shift 2
src=$(cd "$(dirname "$0")/../.." && pwd)
sim=$src/t/sim
# What is in world/ is for all, and costs nothing where it is not called.
set -- "$@" "$sim"/world/*.c
taps=
for file; do
	[ ! -e "${file%.c}.taps" ] || taps="$taps ${file%.c}.taps"
done
# With a product under sanitizers, all of it is: fibers tell AddressSanitizer.
case ${RP_SANITIZERS:-no} in
no | thread) ;;
*) : "${SIM_CFLAGS=-O1 -g -fsanitize=address,undefined}" ;;
esac
flags="-std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wshadow -Wstrict-prototypes
    -Wmissing-prototypes -Wpointer-arith -Wvla ${SIM_CFLAGS:--O2 -g}
    -I$sim -I$src/lib -I$src/bin/rp-switchd
    -I$src/bin/rp-dial -I$src/bin/rp-pushsend -I$build"
# All programs that are made alike share the objects of t/sim.
shared=$build/sim/$(echo "${CC:-gcc} $flags" | cksum | cut -d ' ' -f 1)
mkdir -p "$shared" "$out.objects"
# The newest header: what is older than that is made again.
header=$(find "$sim" "$src/lib" "$src/bin" "$build/config.h" -name '*.h' \
    -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d ' ' -f 2-)
makes=
for name in malloc calloc realloc reallocarray strdup strndup; do
	makes="$makes --redefine-sym $name=__real_$name"
done
all="$makes --redefine-sym free=__real_free"
list=
for file in "$@" "$sim"/core/*.c "$sim"/posix/*.c "$sim"/tls/*.c \
    "$sim"/stand/*.c "$sim"/event.c "$sim"/bufferevent.c "$sim"/ares.c \
    "$src"/bin/rp-switchd/kernel/kernel_none.c; do
	[ -e "$file" ] || continue
	case $file in *.o) list="$list $file"; continue ;; esac
	case $file in
	"$sim"/*) object=$shared/$(echo "${file#"$sim"/}" | tr / _).o ;;
	*) object=$out.objects/$(echo "${file#"$src"/}" | tr / _).o ;;
	esac
	case "$list " in *" $object "*) continue ;; esac
	list="$list $object"
	[ "$object" -nt "$file" ] && [ "$object" -nt "$header" ] && continue
	# What t/sim allocates belongs to no process (core/memory.c), but what
	# a stand-in for a library does.
	case $file in
	"$sim"/core/* | "$sim"/posix/* | "$sim"/event.c) names=$all ;;
	"$sim"/tls/* | "$sim"/bufferevent.c) names= ;;
	"$sim"/*) names=$makes ;;
	*) names= ;;
	esac
	# Another test may be making the same.
	# shellcheck disable=SC2086
	${CC:-gcc} $flags -c "$file" -o "$object.$$"
	# shellcheck disable=SC2086
	[ -z "$names" ] || objcopy $names "$object.$$"
	mv "$object.$$" "$object"
done
# rp-dial whole, with its main under another name.
objcopy --redefine-sym main=sim_dial_main "$build/bin/rp-dial/rp_dial-main.o" \
    "$out.objects/rp_dial-main.o"
list="$list $out.objects/rp_dial-main.o"
echo "$list" | tr ' ' '\n' >"$out.objects/list"
# shellcheck disable=SC2086
wraps=$(sed -E '/^#/d; s/(.*)/-Wl,--wrap=\1/' "$sim/posix/names" $taps)
# rp-pushsend is not made without libcurl.
pushsend=$build/libpushsend.a
[ -e "$pushsend" ] || pushsend=
# shellcheck disable=SC2086
${CC:-gcc} ${SIM_CFLAGS} -o "$out" $list $wraps "$build/libswitchd.a" \
    "$build/libdial.a" "$build/libmedia.a" $pushsend "$build/libcommon.a" \
    -levent_core -lgnutls -lnettle -lhogweed -lgmp \
    -lconfig -ljansson -lz -lwslay -lsystemd -lspeexdsp -lm
