#!/bin/sh
# Stories: what was found before, in words, told again in each of many worlds
# (t/sim/stories/README). Each says what has to be so. A story that makes no sense
# is refused by one line that says where.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/simulate.sh"
cd "$T" || exit 1

"$sim/fixture.sh" world a:east b:east c:east
check "it is linked" "$sim/build.sh" "$RP_BUILD" story "$sim/story.c"
[ -x story ] || give_up "the stories" story.err

# refuses WHY [LINE...]: a story that begins well, and goes on with these lines.
refuses() {
	why=$1
	shift
	printf '%s\n' "switches a b" "phones alice bob/1 bob/2" "$@" >bad
	./story --check bad >bad.out 2>&1
	is "$?:$(cat bad.out)" "1:story: bad:$why" "refused: $why"
}
refuses "3: unknown word: sing" "sing"
refuses "3: unknown action: alice sings" "at 0: alice sings"
refuses "3: unfinished action" "at 0: alice"
refuses "3: unfinished action" "at 0: alice dials bob;"
refuses "3: carol instead of a number" "at 0: alice dials carol"
refuses "3: carol instead of a phone or a switch" "at 0: cut alice carol"
refuses "3: too much: twice" "at 0: alice dials bob twice"
refuses "3: invalid time: 5" "at 5: alice dials bob"
refuses "3: invalid time: 1s+d" "at 1s+d: alice dials bob"
refuses "3: invalid time: 99999999999999999999s" \
    "at 99999999999999999999s: alice dials bob"
refuses "3: a time is missing" "at 0: alice dials bob after"
refuses "3: a colon is missing" "when bob/1 rings bob/1 answers"
refuses "3: unknown event: bob rings" "when bob rings: bob/1 answers"
refuses "3: which time?" "when bob/1 rings time 0: bob/1 answers"
refuses "3: a text without its end" 'expect recorded "x'
refuses "3: unknown condition: alice sings" "expect alice sings"
refuses "3: 101% instead of a share, such as 5%" "at 0: lose alice a 101%"
refuses "3: d has no values" "vary d from 5s to 2s by 1s"
refuses "3: more than 20000 worlds" "vary d from 0 to 1h by 1ms"
refuses "3: no seed" "seeds 0"
refuses "3: alice is there twice" "phones alice"
refuses "3: unknown version: 0.2.0" "switches c=0.2.0"
refuses "3: invalid name: Carol" "phones Carol"
refuses "3: invalid device: carol/0" "phones carol/0"
refuses "3: a setting is KEY VALUE" "set call.ring_ms"
refuses "4: after the end of the story" "expect nothing held" \
    "at 10min: alice dials bob"
refuses "4: nothing is expected" "at 0: alice dials bob"
./story --check . missing >bad.out 2>&1
is "$(cat bad.out)" "story: .: Is a directory
story: missing: No such file or directory" "so is a file that cannot be read"

# What is not as expected is told with its world, the last events, and status 1.
cat >untrue <<'S'
switches a
phones alice bob
vary d from 1s to 3s by 1s
at 0: alice dials bob
when bob rings: bob answers after d
expect by 2.5s alice talks to bob
S
./story --folder world untrue >untrue.out 2>&1
is $? 1 "a story that is not true"
is "$(grep -v '^[0-9]' untrue.out)" \
    "untrue:6: at 2.500s not alice talks to bob: it is hears, with \"bob\"
untrue: fails in world 2: seed=1 d=3000ms" "is told with where and which world"
like "$(cat untrue.out)" "^[0-9.]+ - dials phone=alice/1 callee=bob$" \
    "and with its events"

# Two at once.
printf '%s\n' "$sim"/stories/*.story |
    xargs -n 4 -P 2 ./story --folder world >>told.out 2>>told.err ||
    grep -vE '^[0-9.]+ ' told.err
for story in "$sim"/stories/*.story; do
	name=$(basename "$story" .story)
	like "$(grep "/$name.story: " told.out)" "worlds=" "$name"
done
./story --folder world "$sim/stories/call.story" >one
./story --folder world "$sim/stories/call.story" >again
check "it is the same each time" cmp one again
./story --folder world --seed 1 "$sim/stories/call.story" >other
check "and another with another seed" sh -c '! cmp -s one other'
set -- "$sim"/stories/k*.story
./story --folder world --busy "$@" >busy
is "$(grep -c worlds= busy)" $# "a few on busy machines"
finish
