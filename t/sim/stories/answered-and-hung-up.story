# She hangs up in the moment in which he answers. Both agree on whether it was a
# call, and it is over for both.
switches a
phones alice bob
vary d from 0 to 300ms by 2ms

at 0: delay alice a 20ms; delay bob a 60ms
at 0: alice dials bob
when bob rings: bob answers after 2s; alice hangs up after 1.85s+d

expect by 4s: alice is idle; bob is idle
expect: alice ended 1 times; bob ended 1 times; nothing held
