# The name server's answer for IPv6 is late. The call goes by IPv4 all the same,
# and waits for it no longer than a quarter of a second. (DESIGN, "Multi-connect")
switches a
phones alice bob
vary d from 0 to 2s by 50ms

at 0: names of alice take 600ms 700ms+d
at 10ms: alice dials bob
when bob rings: bob answers after 1s
when alice talks: alice hangs up after 5s

expect: alice ended completed; bob ended completed; nothing held
expect: alice reports timing_ms.ring at most 1100
