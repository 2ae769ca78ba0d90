# Alice's address changes, and she hangs up before she is back, far from the switch.
# Bob is told.
switches a
phones alice bob
vary d from 0 to 1s by 100ms

at 0: delay alice a 300ms; alice dials bob
when bob rings: bob answers after 1s
when alice talks: alice roams after 5s; alice hangs up after 5s+d

expect: alice ended completed; bob ended completed; nothing held
