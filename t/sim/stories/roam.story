# Both change their address, one after the other or at once, while they talk. It
# remains one call to its end. (t/407-roam.t, and two restarts at once)
switches a
phones alice bob
vary d from 0 to 2s by 50ms

at 0: alice dials bob
when bob rings: bob answers after 1s
when alice talks: alice roams after 5s+d; bob roams after 6s
when alice talks: alice hangs up after 40s

expect at 35s: alice talks to bob; bob talks to alice
expect: alice ended completed; bob ended completed
expect: alice reports media.silent_ms at most 5000
expect: bob reports media.silent_ms at most 5000
expect: alice ended 1 times; bob ended 1 times; nothing held
