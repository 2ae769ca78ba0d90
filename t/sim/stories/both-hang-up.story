# Both hang up at about the same time.
switches a
phones alice bob
vary d from 0 to 200ms by 5ms

at 0: alice dials bob
when bob rings: bob answers after 1s
when alice talks: alice hangs up after 5.1s; bob hangs up after 5s+d

expect by 9s: alice is idle; bob is idle
expect: alice ended completed; bob ended completed
expect: alice ended 1 times; bob ended 1 times; nothing held
