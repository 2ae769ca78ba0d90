# Two devices answer in the same moment. The one that comes second hears so, and
# does not say that it had the call.
switches a
phones alice bob/1 bob/2
vary d from 0 to 40ms by 4ms

at 0: alice dials bob
at 3s: bob/1 answers after 20ms; bob/2 answers after d
when alice talks: alice hangs up after 5s

expect: no invariant is broken
expect: alice ended completed; alice talked 1 times
expect: bob/1 ended 1 times; bob/2 ended 1 times
expect: recorded "talked=0 end=over" 1 times
expect: nothing held
