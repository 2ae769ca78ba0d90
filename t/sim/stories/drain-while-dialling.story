# A switch is drained at any moment while a call is set up. It is taken by this
# switch or the other one.
switches a b
phones alice bob
vary d from 0 to 400ms by 5ms

at 0: alice dials bob; a drains and stops after d
when bob rings: bob answers after 1s
when alice talks: alice hangs up after 5s

expect: alice ended completed; bob ended completed; a ended
expect: alice ended 1 times; bob ended 1 times; nothing held
