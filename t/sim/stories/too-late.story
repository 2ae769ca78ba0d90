# The push arrives when Alice has hung up. Bob's phone asks for the call, hears that
# it is over, and does not ring. (t/405-late.t)
switches a
phones alice bob

at 0: pushes to bob are late by 8s
at 0: alice dials bob; alice hangs up after 5s

expect: bob rang 0 times; bob ended 1 times; bob ended over
expect: alice ended 1 times; recorded status=410; nothing held
