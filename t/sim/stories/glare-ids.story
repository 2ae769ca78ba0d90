# They dial each other, and neither phone rings yet. The call with the lower session
# id stays, whoever was first. (DESIGN, "Signalling")
switches a
phones alice bob
seeds 10
vary d from 0 to 100ms by 10ms

at 0: pushes to alice are late by 1s; pushes to bob are late by 1s
at 0: alice dials bob after 50ms; bob dials alice after d
when alice rings: alice answers after 1s
when bob rings: bob answers after 1s

expect by 6s: alice and bob have one call
expect: the lower id stays
at 20s: alice hangs up; bob hangs up
expect by 25s: alice is idle; bob is idle
expect: nothing held
