# Alice's phone is without a network for some ten seconds while she talks. When
# it has one again, it gets the time that it takes to resume the call.
switches a
phones alice bob
vary d from 0 to 1s by 20ms

at 0: alice dials bob
when bob rings: bob answers after 1s
when alice talks: alice network none after 5s; alice network mobile after 15s+d
when alice talks: alice hangs up after 40s

expect at 35s: alice talks to bob; bob talks to alice
expect: alice ended completed; bob ended completed
expect: alice ended 1 times; bob ended 1 times; nothing held
