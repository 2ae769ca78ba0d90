# The early data of alice's second call is sent again by somebody on the way, while
# the call is set up, while they talk, and when it is over. Bob's phone rings once
# for it. (DESIGN, "Signalling")
switches a b
phones alice bob
vary d from 100ms to 80s by 1s

at 0: alice finds a
at 1s: alice dials bob
at 40s: alice dials bob
when bob rings each: bob answers after 1s
when alice talks each: alice hangs up after 20s
at 40s: replay alice to a after d; replay alice to b after d
at 41s: replay alice to a after d
until 200s

expect: alice reports switch.early is true
expect: recorded "replayed bytes=" 3 times; not recorded "replayed bytes=0"
expect: recorded "event=call_started" 2 times
expect: bob rang 2 times; bob talked 2 times; alice ended 2 times
expect: alice ended completed; bob ended completed; nothing held
