# She hangs up at any moment, from before his phone is woken until it has rung
# for a while. Whichever message is late, it rings no more soon after.
switches a
phones alice bob
vary d from 0 to 600ms by 5ms

at 0: delay alice a 20ms; delay bob a 20ms
at 0: alice dials bob; alice hangs up after d

expect by 2s: alice is idle; bob is idle
expect always: bob talked 0 times
expect: nothing held
