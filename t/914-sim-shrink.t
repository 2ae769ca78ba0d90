#!/bin/sh
# A day of the simulated world that fails, because the product has a mistake, is
# made smaller until nothing can be left out, and told as a story. What is left
# fails in the same way, again and again, in another build of the simulation too:
# to the byte. It does not fail without the mistake.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/simulate.sh"
mistake=dismissed-untold
cd "$T" || exit 1

"$sim/fixture.sh" world sw1:east:rp sw2:east:rp sw3:east:rp sw4:west:rp \
    sw5:west:rp
check "a mistake is linked" "$sim/mutate.sh" "$RP_BUILD" year "$mistake" \
    "$sim/year.c"
[ -x year ] || give_up "the year" check.out

./year --seed 1 --days 1-9 --phones 60 --number 8 world >failed
is $? 1 "a day fails"
broken=$(sed -n 's/^broken: \([a-z_]*\): .*/\1/p' failed)
is "$broken" no_late_ring "a device rings on"
command=$(tail -n 1 failed)
like "$command" "^year --seed 1 --days [1-9] --phones 60 --number 8 world\$" \
    "the log ends with what repeats it"
# shellcheck disable=SC2086
./$command >again
is $? 1 "which fails"
is "$(sed -n '/^broken:/p' again)" "$(sed -n '/^broken:/p' failed)" "as before"

./year --seed 1 --days 1-9 --phones 60 --number 8 --shrink world >shrunk
is $? 1 "it is shrunk"
sed 's/^/# /' shrunk
command=$(tail -n 1 shrunk)
like "$command" " --faults none .*--with [+0-9]*,[+0-9]*,[+0-9]*#[0-9]* world\$" \
    "to one call of two numbers, without faults"
# shellcheck disable=SC2086
./$command --record first >small
is $? 1 "what is left fails"
like "$(grep '^broken:' small)" "^broken: $broken: " "by the same invariant"
like "$(wc -l <first)" "^[0-9]{1,3}\$" "in a few hundred lines"
# shellcheck disable=SC2046
./$(echo "$command" | sed 's/#[0-9]* /#999 /') >nothing
is "$?:$(grep -c '^call.tried' nothing)" "0:0" \
    "a call that is not named is not made"

# The story that was told, with the mistake and without.
like "$(cat shrunk)" "^# As a story it fails in 3 of 3 worlds" \
    "it fails as a story, too"
is "$(grep -c dials world/shrunk.story)" 1 "in which somebody dials, once"
is "$(sed '1,/^$/d; /^# As/,$d; /^$/d' shrunk)" \
    "$(sed '/^$/d' world/shrunk.story)" "which is a file"
check "the product is linked" "$sim/build.sh" "$RP_BUILD" story "$sim/story.c"
check "the story is true of it" ./story --folder world world/shrunk.story
check "and is refused as a file that is none" sh -c \
    '! ./story --folder world shrunk'

# Another build, with other places in memory, and in another folder.
mkdir other
cp world/*.pem world/*.key other
SIM_CFLAGS=-O0 "$sim/mutate.sh" "$RP_BUILD" slow "$mistake" "$sim/year.c" \
    >slow.out 2>&1
is $? 0 "it is built again without optimization"
check "which is another program" sh -c '! cmp -s year slow'
# shellcheck disable=SC2086
set -- ${command#year}
n=$#
while [ "$n" -gt 1 ]; do	# the last one is the folder
	set -- "$@" "$1"
	shift
	n=$((n - 1))
done
shift
./slow "$@" --record second other >small.slow
is $? 1 "the same fails there"
check "its record is the same to the byte" cmp first second
is "$(sed '/^cpu-ms/d; $d' small.slow)" "$(sed '/^cpu-ms/d; $d' small)" \
    "and all that is said"

# The product as it is has no such day.
ln -s "$T/year.objects" product.objects
check "the product's year is linked" "$sim/build.sh" "$RP_BUILD" product \
    "$sim/year.c"
./product --seed 1 --days 1 --phones 20 --number 2 --shrink world >none
is "$?:$(tail -n 1 none)" "0:seed=1 days=1-1: none fails" \
    "nothing is shrunk if nothing fails"
finish
