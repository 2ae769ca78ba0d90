#!/bin/sh
# Link a program of the simulation with one mistake in the product:
# mutate.sh BUILD OUT NAME SOURCE...; NAME is in mutants/list. The mutated object
# comes before the archive, so that the archive's is not taken.
set -e
build=$1 out=$2 name=$3
shift 3
sim=$(cd "$(dirname "$0")" && pwd)
src=$(cd "$sim/../.." && pwd)
line=$(grep "^$name	" "$sim/mutants/list") || {
	echo "mutate.sh: $name: not in the list" >&2
	exit 1
}
file=$(printf '%s\n' "$line" | cut -f 2)
expression=$(printf '%s\n' "$line" | cut -f 3)
mutant=$out.mutant/$(basename "$file")
mkdir -p "$out.mutant"
sed -E "$expression" "$src/$file" >"$mutant"
changed=$(diff "$src/$file" "$mutant" | grep -c '^>') || :
[ "$changed" = 1 ] || {
	echo "mutate.sh: $name: $changed lines changed" >&2
	exit 1
}
"$sim/build.sh" "$build" "$out" "$@" "$mutant"
