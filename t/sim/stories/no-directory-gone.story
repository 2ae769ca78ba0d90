# The switch dies while its directory is away, and is back before alice has looked.
# It has no call of hers, and says so without a look-up: she does not wait for it.
switches a b
phones alice bob
vary d from 0 to 3s by 250ms

at 0: alice finds a
at 1s: alice dials bob
when bob rings: bob answers after 1s
when alice talks: alice finds b after 1s; a loses its directory after 2s
when alice talks: cut alice a after 4s; a dies after 4s; a starts after 4500ms
when alice talks: mend alice a after 5s+d
when alice talks time 2: alice hangs up after 20s

expect: alice talked 2 times; bob talked 2 times
expect: alice ended completed; bob ended completed; nothing held
