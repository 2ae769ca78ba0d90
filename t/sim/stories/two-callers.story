# Two call bob within half a second. One of them gets him, and the other hears
# that he is busy.
switches a
phones alice carol bob
vary d from 0 to 1s by 20ms

at 0: alice dials bob after 500ms; carol dials bob after d
when bob rings each: bob answers after 1s
when bob talks: bob hangs up after 10s

expect: recorded "placed=1 talked=0 end=busy" 1 times
expect: recorded "placed=1 talked=1 end=completed" 1 times
expect: bob talked 1 times; nothing held
