# Alice's way to the switch is cut for longer than an attempt to return takes.
# She returns all the same, and it is one call to its end.
switches a
phones alice bob
vary d from 0 to 8s by 1s

at 0: alice dials bob
when bob rings: bob answers after 1s
when alice talks: cut alice a after 5s; mend alice a after 17s+d
when alice talks: alice hangs up after 60s

expect at 50s: alice talks to bob; bob talks to alice
expect: alice ended completed; bob ended completed; nothing held
