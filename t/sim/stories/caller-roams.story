# Alice's phone changes its address while it connects to the switch, before its
# INITIATE leaves. It connects again.
switches a
phones alice bob
vary d from 0 to 50ms by 2ms

at 0: alice dials bob; alice roams after d
at 6s: bob answers
when alice talks: alice hangs up after 5s

expect at 5s: bob is rings; alice is hears
expect: alice ended completed; bob ended completed
expect: alice ended 1 times; bob ended 1 times; nothing held
