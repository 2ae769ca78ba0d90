# Bob's phone sleeps. A push wakes it, and it rings.
switches a
phones alice bob

at 0: bob sleeps
at 200s: alice dials bob
when bob rings: bob answers after 1s
when alice talks: alice hangs up after 5s
until 300s

expect by 203s: alice talks to bob
expect: alice ended completed; bob ended completed; nothing held
