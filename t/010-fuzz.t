#!/bin/sh
# Each fuzz target goes through its seeds: what was found once stays found.
. "$(dirname "$0")/lib.sh"

for seeds in "$RP_SRC"/t/fuzz/seeds/*; do
	target=$(basename "$seeds")
	check "fuzz: $target" "$RP_BUILD/t/fuzz/$target" "$seeds"
done
finish
