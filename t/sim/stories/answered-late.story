# He answers in the moment in which the switch's patience ends.
switches a
phones alice bob
vary d from 0 to 200ms by 5ms

at 0: alice dials bob; bob answers after 44.9s+d
at 60s: alice hangs up; bob hangs up

expect by 62s: alice is idle; bob is idle
expect: alice ended 1 times; bob ended 1 times; nothing held
