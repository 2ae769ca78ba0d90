#!/bin/sh
# Two days of a world of phones, people and switches, with faults, in which all
# invariants hold. A day is the same whenever it is run, alone or with others,
# and something left out of it is left out. What breaks a call is found.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/simulate.sh"
cd "$T" || exit 1

"$sim/fixture.sh" world sw1:east:rp sw2:east:rp sw3:east:rp sw4:west:rp \
    sw5:west:rp
check "it is linked" "$sim/build.sh" "$RP_BUILD" year "$sim/year.c"
# days FILE OPTION...: of 40 phones.
days() {
	file=$1
	shift
	./year --phones 40 --number 8 "$@" world >"$file" 2>>year.err &&
	    return
	last_words=$(tail -n 2 "$file")
	return 1
}
days two --seed 1 --days 1-2 --jobs 2
is $? 0 "two days pass"
sed -n 's/^/# /p' two
# count FILE NAME
count() {
	sed -n "s/^$2 //p" "$1"
}
check "with calls" test "$(count two call.talked)" -gt 100
like "$(grep -c '^fault' two)" "^[1-9]" "and faults"
days one --seed 1 --days 2
is $? 0 "a day passes alone"
days again --seed 1 --days 2
is $? 0 "and once more"
is "$(tail -n 1 one)" "$(tail -n 1 again)" "it is the same"
days other --seed 2 --days 2
check "another seed is another day" \
    test "$(tail -n 1 one | sed 's/.*hash/hash/')" != \
    "$(tail -n 1 other | sed 's/.*hash/hash/')"
days without --seed 1 --days 2 \
    --without fault0,fault1,fault2,fault3,fault4,fault5,fault6,fault7,decline
is "$(grep -c '^fault\|^person.declined' without)" 0 \
    "what is left out is not there"

check "a day passes on which switches die all the time" days deaths --calls 24 \
    --faults kill,power,hang --number 250
like "$(count deaths redial.talks)" "^[1-9]" \
    "those who lose a call have another one"
check "keys are looked for in logs" test "$(count deaths secrets)" -gt 1000
check "what processes have not freed is looked at" \
    test "$(count deaths process.ended)" -gt 300
finish
