# The same, but nobody is told: the machine has no power. The silence tells.
switches a b
phones alice bob
seeds 5

at 0: alice finds a
at 1s: alice dials bob
when bob rings: bob answers after 1s
when alice talks: alice finds b after 1s; a loses power after 10s
when alice talks time 2: alice hangs up after 20s
until 200s

expect: alice talked 2 times; bob talked 2 times
expect: alice ended completed; bob ended completed; nothing held
