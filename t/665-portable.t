#!/bin/sh
# Built by others, and with less. clang, and gcc with -O3 and -flto, give no
# warning. A switch alone needs none of the libraries that its clients, its push
# sender or the region tool need, and configure says what is missing, how old it
# is, and how to do without. A libc without <execinfo.h> or <sys/pidfd.h> will
# do, and so do headers of c-ares that deprecate what they can.
. "$(dirname "$0")/lib.sh"
command -v gcc-ar >/dev/null || skip_all "no gcc"

# configured FOLDER OPTION...: with what configure finds out remembered.
configured() {
	configured_in=$T/$1
	shift
	mkdir -p "$configured_in"
	(cd "$configured_in" && "$RP_SRC/configure" --cache-file="$T/cache" \
	    --enable-werror "$@" >configure.log 2>&1)
}

# A pkg-config that lacks some modules: "NAME" or "NAME too-old".
mkdir "$T/pc"
lacks() {
	rm -f "$T/pc"/*.pc
	for module in "$@"; do
		printf 'Name: x\nDescription: x\nVersion: 0.0.1\n' \
		    >"$T/pc/$module.pc"
	done
}
without="libcurl ldns libsrtp2 opus sndfile speexdsp check nice sdl2"

#
# With less: the switch, by gcc with -O3 -flto
#
# shellcheck disable=SC2086
lacks $without
PKG_CONFIG_PATH=$T/pc
export PKG_CONFIG_PATH
if configured small CFLAGS="-O3 -flto=auto" AR=gcc-ar RANLIB=gcc-ranlib \
    --without-dial --without-pushsend --without-regionprobe; then
	pass "a switch is configured without what it does not need"
else
	give_up "a switch is configured without what it does not need" \
	    "$T/small/configure.log"
fi
if make -s -C "$T/small" -j"$(nproc)" all >"$T/small.log" 2>&1; then
	pass "gcc -O3 -flto builds it without a warning"
else
	fail "gcc -O3 -flto builds it without a warning" \
	    "$(grep -E 'error|warning' "$T/small.log" | head -n 20)"
fi
is "$(cd "$T/small/bin" && ls */rp-* | grep -v '\.' | sed 's,.*/,,' | xargs)" \
    "rp-drain rp-switchd rp-users" "it is the switch and its tools"
is "$(ldd "$T"/small/bin/*/rp-switchd "$T"/small/bin/*/rp-users |
    grep -E 'curl|ldns|srtp|opus|sndfile|speex|SDL')" "" "linked with none of them"
check "and it starts" "$T/small/bin/rp-switchd/rp-switchd" --version

configured none --cache-file=/dev/null
like "$(cat "$T/none/configure.log")" \
    "libcurl >= [0-9.]+ is needed by rp-pushsend .*libcurl4-gnutls-dev" \
    "what is too old is named with its package"
like "$(cat "$T/none/configure.log")" "without-pushsend" "and how to do without"
lacks gnutls
configured none --cache-file=/dev/null
like "$(cat "$T/none/configure.log")" \
    "gnutls >= [0-9.]+ is needed \(on Debian: libgnutls28-dev\)" \
    "and so what nothing can be built without"
unset PKG_CONFIG_PATH

#
# By clang, everything; not optimized, because its warnings do not depend on that
#
if ! command -v clang >/dev/null; then
	skip "clang builds without a warning" "no clang"
elif configured clang CC=clang CFLAGS=-O0 --disable-hardening \
    --without-devices --cache-file=/dev/null &&
    make -s -C "$T/clang" -j"$(nproc)" all >"$T/clang.log" 2>&1; then
	pass "clang builds without a warning"
else
	fail "clang builds without a warning" "$(cat "$T/clang.log" \
	    "$T/clang/configure.log" | grep -E 'error|warning' | head -n 20)"
fi

# It has no devices, and says so where they are asked for.
if [ -x "$T/clang/bin/rp-dial/rp-dial" ]; then
	"$T/clang/bin/rp-dial/rp-dial" --mic list >"$T/devices.out" 2>&1
	is "$? $(cat "$T/devices.out")" "1 rp-dial: --mic: this rp-dial was\
 built without devices (SDL2)" "a build without devices says so"
else
	skip "a build without devices says so" "no clang"
fi

#
# Another libc, as far as that can be seen here
#
is "$(grep -rlE '^#include <(execinfo|sys/pidfd)\.h>' \
    "$RP_SRC/lib" "$RP_SRC/bin" |
    xargs -n 1 basename)" callstack.c \
    "what musl does not have is in one file, which configure can leave out"
check "and the other in its place compiles" gcc -std=gnu11 -Wall -Wextra \
    -Werror -I"$RP_SRC/lib" -c "$RP_SRC/lib/base/callstack_none.c" \
    -o "$T/none.o"
finish
