#!/bin/sh
# Compile a file as 0.1.0's, for build.sh: compile.sh OUT SIM FOLDER FILE OBJECT.
out=$1 sim=$2 folder=$3
# shellcheck disable=SC2086
exec ${CC:-gcc} -std=gnu11 -D_GNU_SOURCE -w ${SIM_CFLAGS:--O1 -g} \
    -I"$out/src" -I"$out/src/lib" -I"$out/src/bin/$folder" -I"$sim" -c "$4" -o "$5"
