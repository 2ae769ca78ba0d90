# A call: bob rings, answers and talks with alice, until she hangs up. Both have
# the same words, and nothing is left at the switch.
switches a
phones alice bob

at 0: alice dials bob
when bob rings: bob answers after 2s
when alice talks: alice hangs up after 10s

expect by 2s: bob is rings; alice is hears
expect by 5s: alice talks to bob; bob talks to alice
expect: alice ended completed; bob ended completed
expect: alice ended 1 times; bob ended 1 times; alice exits 0
expect: alice and bob agree on session
expect: alice and bob agree on security.words
expect: nothing held
