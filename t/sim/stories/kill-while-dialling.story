# A switch dies at any moment while a call through it is set up, and the other one
# lives. Nobody waits for long, and no phone rings on.
switches a b
phones alice bob
vary d from 0 to 400ms by 5ms

at 0: alice dials bob; a dies after d
at 10s: bob answers
at 60s: alice hangs up; bob hangs up

expect by 90s: alice is idle; bob is idle
expect: alice ended 1 times; nothing held
