# The first pushes are lost. One of those that follow rings.
switches a
phones alice bob
vary d from 0 to 20s by 2s

at 0: pushes to bob are lost
at 0: alice dials bob; pushes to bob arrive after d
when bob rings: bob answers after 1s
when alice talks: alice hangs up after 5s

expect by 26s: alice talks to bob
expect: bob rang 1 times; alice ended completed; bob ended completed
expect: nothing held
