# The second call resumes the TLS session, and its offer is early data.
switches a
phones alice bob

at 0: alice dials bob
at 40s: alice dials bob
when bob rings each: bob answers after 1s
when alice talks each: alice hangs up after 5s

expect at 30s: alice reports switch.early is false
expect: alice reports switch.early is true; bob rang 2 times
expect: alice ended completed; bob ended completed; nothing held
