# Alice's phone changes its address after the answer to its INITIATE, until it has
# heard the ring for a while.
switches a
phones alice bob
vary d from 90ms to 1s by 10ms

at 0: alice dials bob; alice roams after d
at 6s: bob answers
when alice talks: alice hangs up after 5s

expect at 5s: bob is rings; alice is hears
expect: alice ended completed; bob ended completed
expect: alice ended 1 times; bob ended 1 times; nothing held
