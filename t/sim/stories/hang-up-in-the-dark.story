# Alice hangs up while bob has no network. He is told when he is back.
switches a
phones alice bob
vary d from 0 to 10s by 500ms

at 0: alice dials bob
when bob rings: bob answers after 1s
when alice talks: cut bob a after 5s; mend bob a after 5s+d
when alice talks: alice hangs up after 8s

expect: alice ended completed; bob ended completed; bob ended 1 times
expect by 40s: bob is idle
expect: nothing held
