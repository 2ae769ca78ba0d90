# Two devices answer within a tenth of a second, from near and far. Exactly one
# has the call.
switches a
phones alice bob/1 bob/2
vary d from 0 to 100ms by 5ms

at 0: delay bob/2 a 30ms
at 0: alice dials bob
when bob/2 rings: bob/2 answers after 2s; bob/1 answers after 1.95s+d
when alice talks: alice hangs up after 5s

expect: alice ended completed; alice talked 1 times
expect: bob/1 ended 1 times; bob/2 ended 1 times
expect: recorded "talked=0 end=over" 1 times
expect: recorded "talked=1 end=completed" 2 times
expect: nothing held
