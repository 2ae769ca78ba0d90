# Three dial one another in a circle.
switches a
phones alice bob carol
vary d from 0 to 600ms by 20ms

at 0: alice dials bob after 300ms; bob dials carol after 320ms
at 0: carol dials alice after d
when alice rings each: alice answers after 1s
when bob rings each: bob answers after 1s
when carol rings each: carol answers after 1s
at 20s: alice hangs up; bob hangs up; carol hangs up
at 21s: alice hangs up; bob hangs up; carol hangs up

expect by 25s: alice is idle; bob is idle; carol is idle
expect: nothing held
