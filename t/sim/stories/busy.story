# Bob talks with alice when carol calls. She hears that he is busy, and the call
# is not disturbed. (t/405-late.t)
switches a
phones alice bob carol

at 0: alice dials bob
when bob rings: bob answers after 1s
when bob talks: carol dials bob after 5s; alice hangs up after 30s

expect: carol ended busy; carol exits 5
expect at 25s: alice talks to bob; bob talks to alice
expect: alice ended completed; bob ended completed
expect: bob rang 1 times; nothing held
