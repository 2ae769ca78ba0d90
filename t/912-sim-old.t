#!/bin/sh
# A day of a world in which some phones and switches are of 0.1.0, and switches
# change their version, up and back: all invariants of this version's calls hold.
# All of that is left out of a day that fails if it is not needed.
# Without 0.1.0 in it, the world is the one that has never heard of it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/simulate.sh"
commit=$(sed -n 's/^commit=\([0-9a-f]*\).*/\1/p' "$sim/old/build.sh")
git -C "$RP_SRC" cat-file -e "$commit^{commit}" 2>/dev/null ||
    skip_all "needs the git history, where 0.1.0 is"
cd "$T" || exit 1

"$sim/fixture.sh" world sw1:east:rp sw2:east:rp sw3:east:rp sw4:west:rp \
    sw5:west:rp
check "0.1.0's programs are objects of this one" "$sim/old/build.sh" old
check "the world is linked with them" "$sim/build.sh" "$RP_BUILD" year \
    "$sim/year.c" old/old-dial.o old/old-switch.o
cp -Rp year.objects alone.objects
check "and without" "$sim/build.sh" "$RP_BUILD" alone "$sim/year.c"

# day FILE PROGRAM OPTION...: of 40 phones.
day() {
	file=$1 program=$2
	shift 2
	"./$program" --phones 40 --number 8 --seed 3 --days 1 "$@" \
	    world >"$file" 2>"$file.err"
}
# count FILE NAME
count() {
	sed -n "s/^$2 //p" "$1" | grep . || echo 0
}
check "a day passes" day with year --old 25 --faults none
sed -n 's/^/# /p' with
check "with calls by 0.1.0" test "$(count with old.placed)" -gt 20
check "and to it" test "$(count with old.taken)" -gt 20
check "a switch is upgraded" test "$(count with upgrade.up)" -gt 0
check "and one goes back" test "$(count with upgrade.back)" -gt 0
is "$(count with lost.none) $(count with failed.none)" "0 0" \
    "no call is lost without a reason"
day less year --old 25 --faults none \
    --without upgrade0,upgrade1,upgrade2,old-switches
is "$(count less upgrade.up) $(count less upgrade.back)" "0 0" \
    "a change of version can be left out"
day phones year --old 25 --faults none --without old-phones
is "$(count phones old.placed) $(count phones old.taken)" "0 0" \
    "and so can phones of 0.1.0"
check "a day without 0.1.0 passes" day none year --old 0
is "$(count none old.placed) $(count none old.taken)" "0 0" "it has none"
check "so does one that is not linked with it" day apart alone
is "$(tail -n 1 apart)" "$(tail -n 1 none)" "they are the same"
like "$(head -n 1 apart)" "0.1.0 is not linked" "it says that it lacks it"

# A mistake that needs nothing of 0.1.0: a log has where a device is pushed.
cp -Rp year.objects broken.objects
check "a mistake is linked with it" "$sim/mutate.sh" "$RP_BUILD" broken \
    endpoint-told "$sim/year.c" old/old-dial.o old/old-switch.o
day shrunk broken --phones 6 --calls 2 --number 0 --old 25 --faults none \
    --without glare,again,decline,ignore,both,roam,lose,off --shrink
is $? 1 "a day with it fails"
sed 's/^/# /' shrunk
like "$(cat shrunk)" "^# changes of version, and what is old: 0 left of 5" \
    "no change of version is needed for that"
like "$(tail -n 1 shrunk)" " --old 0 " "nor anything else of 0.1.0"

check "a world without it refuses to have it" test "$(day no alone --old 25; echo $?)" -eq 2
finish
