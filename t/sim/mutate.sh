#!/bin/sh
# Link a program of the simulation with mistakes in the product: mutate.sh BUILD
# OUT NAME[+NAME...] SOURCE... The names are in mutants/list. A mutated object
# comes before the archive, so that the archive's is not taken. If BUILD is
# --check nothing is linked: it is seen that each still changes one line.
set -e
build=$1 out=$2 names=$3
shift 3
sim=$(cd "$(dirname "$0")" && pwd)
src=$(cd "$sim/../.." && pwd)
rm -rf "$out.mutant"
mkdir -p "$out.mutant"
for name in $(echo "$names" | tr + ' '); do
	line=$(grep "^$name	" "$sim/mutants/list") || {
		echo "mutate.sh: $name: not in the list" >&2
		exit 1
	}
	file=$(printf '%s\n' "$line" | cut -f 2)
	expression=$(printf '%s\n' "$line" | cut -f 3)
	mutant=$out.mutant/$(echo "$file" | tr / _)
	[ -e "$mutant" ] || cp "$src/$file" "$mutant"
	sed -E "$expression" "$mutant" >"$mutant.new"
	changed=$(diff "$mutant" "$mutant.new" | grep -c '^>') || :
	[ "$changed" = 1 ] || {
		echo "mutate.sh: $name: $changed lines changed" >&2
		exit 1
	}
	mv "$mutant.new" "$mutant"
done
[ "$build" = --check ] || "$sim/build.sh" "$build" "$out" "$@" "$out.mutant"/*.c
