# Both are gone at once, without a word. The switch does not keep their call.
switches a
phones alice bob

at 0: alice dials bob
when bob rings: bob answers after 1s
when alice talks: alice off after 5s; bob off after 5s
until 15min

expect: nothing held
