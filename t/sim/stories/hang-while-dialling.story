# The nearest switch hangs at any moment while a call is set up, for ten seconds.
# Alice gets bob by it or by the other one, or is told soon that she does not.
switches a b
phones alice bob
vary d from 0 to 200ms by 5ms

at 0: delay alice b 30ms
at 0: alice dials bob; a hangs after d; a resumes after 10s+d
when bob rings each: bob answers after 1s
when alice talks: alice hangs up after 5s

expect by 60s: alice is idle; bob is idle
expect: alice ended 1 times; nothing held
