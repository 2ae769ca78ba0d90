# She hangs up and dials once more, at once or a little later.
switches a
phones alice bob
vary d from 0 to 2s by 50ms

at 0: alice dials bob
when bob rings each: bob answers after 1s
when alice talks: alice hangs up after 3s
when alice ends: alice dials bob after 5ms+d
when alice talks time 2: alice hangs up after 5s

expect: alice talked 2 times; bob talked 2 times
expect: alice ended completed; bob ended completed; nothing held
