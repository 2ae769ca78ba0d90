# Bob's phone changes its address at any moment until it has rung for a while. It
# rings all the same, he answers, and they talk.
switches a
phones alice bob
vary d from 0 to 600ms by 4ms

at 0: alice dials bob; bob roams after d
at 6s: bob answers
when alice talks: alice hangs up after 5s

expect at 5s: bob is rings; alice is hears
expect: alice ended completed; bob ended completed
expect: alice ended 1 times; bob ended 1 times; nothing held
