# Bob's phone uses its allocation before it has heard of it, because the answer
# is lost, and has begun a second one by then. Alice's phone keeps to the first.
switches a
phones alice bob
seeds 300

at 0: alice dials bob; lose bob a 20%
when bob rings: lose bob a 0%; bob answers after 2s
when alice talks: alice hangs up after 60s

expect: alice ended completed; bob ended completed
expect: alice ended 1 times; bob ended 1 times
expect: alice reports media.silent_ms at most 5000
expect: bob reports media.silent_ms at most 5000
expect: nothing held
