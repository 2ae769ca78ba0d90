# A switch that is drained keeps its call to the end, and takes no other.
switches a b
phones alice bob carol dave

at 0: alice dials bob
when bob rings: bob answers after 1s
at 5s: a drains and stops; b drains and stops
at 10s: carol dials dave
when alice talks: alice hangs up after 60s
until 100s

expect at 55s: alice talks to bob; bob talks to alice
expect by 90s: a ended; b ended
expect: alice ended completed; bob ended completed; carol ended unreachable
expect: alice talked 1 times; dave rang 0 times
