# Bob's phone is unreachable until the call is over. Then it does not ring.
# (t/405-late.t)
switches a
phones alice bob

at 0: bob network none
at 1s: alice dials bob
at 40s: bob network wifi
until 100s

expect: alice ended no_answer; bob rang 0 times; nothing held
