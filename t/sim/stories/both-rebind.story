# The NATs of both forget them, at once or one after the other.
switches a
phones alice bob
vary d from 0 to 4s by 100ms

at 0: alice dials bob
when bob rings: bob answers after 1s
when alice talks: alice gets other ports after 5s+d; bob gets other ports after 7s
when alice talks: alice hangs up after 80s

expect at 70s: alice and bob have one call
expect: alice reports media.silent_ms at most 15000
expect: bob reports media.silent_ms at most 15000
expect: alice ended completed; bob ended completed
expect: alice ended 1 times; bob ended 1 times; nothing held
