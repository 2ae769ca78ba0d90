# They dial each other through two switches. There may be two calls, because rp-dial
# is one program that calls and another that answers, and neither knows of the
# other. Both calls end, and nothing is left.
switches a b
phones alice bob
vary d from 0 to 1s by 20ms

at 0: alice finds a; bob finds b
at 1s: alice dials bob after 500ms; bob dials alice after d
when alice rings each: alice answers after 1s
when bob rings each: bob answers after 1s

at 20s: alice hangs up; bob hangs up
at 22s: alice hangs up; bob hangs up
expect by 30s: alice is idle; bob is idle
expect: nothing held
