# They dial each other at about the same time, through one switch. One call is
# left, and the other one has ended as glare.
switches a
phones alice bob
vary d from 0 to 1s by 10ms

at 0: alice dials bob after 500ms; bob dials alice after d
when alice rings each: alice answers after 1s
when bob rings each: bob answers after 1s

expect by 6s: alice and bob have one call
expect: recorded "placed=1 talked=0 end=busy" 1 times
at 20s: alice hangs up
expect by 25s: alice is idle; bob is idle
expect: nothing held
