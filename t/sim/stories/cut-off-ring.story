# Bob's way to the switch is cut before his phone has said anything, and his push
# comes by another. Alice hangs up: a push tells him so, too.
switches a
phones alice bob
seeds 5

at 0: cut bob a
at 0: alice dials bob; alice hangs up after 3s

expect by 4s: bob ended 1 times; bob is idle
expect: bob rang 0 times; nothing held
