# A NAT forgets alice's mapping while they talk. Her packets come from ports that
# nobody knows, and no interface has changed. Both hear each other soon again.
# (t/412-rebind.t)
switches a
phones alice bob
vary d from 0 to 2s by 100ms

at 0: alice dials bob
when bob rings: bob answers after 1s
when alice talks: alice gets other ports after 5s+d
when alice talks: alice hangs up after 60s

expect at 58s: alice and bob have one call
expect: alice reports media.silent_ms at most 8000
expect: bob reports media.silent_ms at most 8000
expect: alice ended completed; bob ended completed
expect: alice ended 1 times; bob ended 1 times; nothing held
