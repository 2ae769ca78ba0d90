#!/bin/sh
# Each fuzz target runs through its seeds, so that a fault that was found once
# stays mended.
. "$(dirname "$0")/lib.sh"

for seeds in "$RP_SRC"/t/fuzz/seeds/*; do
	target=$(basename "$seeds")
	check "fuzz: $target" "$RP_BUILD/t/fuzz/$target" "$seeds"
done
finish
