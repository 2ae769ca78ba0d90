#!/bin/sh
# No macro or enumerator of ours has the name of a macro in a system header that
# we include. A file that includes both would silently get the other one, and no
# compiler warns.
. "$(dirname "$0")/lib.sh"
cd "$RP_SRC" || exit 1

compiler=$(sed -n 's/^CC = //p' "$RP_BUILD/Makefile")
flags=$(sed -n 's/^[A-Z]*_CFLAGS = \(-I.*\)/\1/p' "$RP_BUILD/Makefile" | xargs)
{
	echo '#include "config.h"'
	find bin lib -name '*.[ch]' | xargs grep -hE '^#include <' | sort -u
} >"$T/all.c"
# shellcheck disable=SC2086
check "all system headers together" ${compiler:-cc} $flags -I"$RP_BUILD" \
    -E -dM -o "$T/macros" "$T/all.c"
sed -nE 's/^#define ([A-Za-z_0-9]+).*/\1/p' "$T/macros" | sort -u >"$T/theirs"
find bin lib -name '*.[ch]' -exec cat {} + | perl -0777 -ne '
    s|/\*.*?\*/||gs;
    print "$1\n" while /^#define\s+(\w+)/gm;
    while (/\benum\s*\w*\s*\{(.*?)\}/gs) {
	print map { /^\s*(\w+)/ ? "$1\n" : () } split /,/, $1;
    }' | sort -u >"$T/ours"
like "$(wc -l <"$T/ours")" '^[0-9]{3,}' "ours are found"
is "$(grep -cx -e LOG_LEVEL_INFO -e RP_BASE_LOG_H "$T/ours")" 2 \
    "enumerators and macros"
like "$(wc -l <"$T/theirs")" '^[0-9]{4,}' "theirs are found"
is "$(comm -12 "$T/ours" "$T/theirs" | xargs)" "" "none is both"
finish
