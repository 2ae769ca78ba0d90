# The ring's push is late. Alice gives up at about the time at which it comes, so
# that the cancelling push is earlier, later, or late itself.
switches a
phones alice bob
vary d from 0 to 2s by 20ms

at 0: pushes to bob are late by 1s
at 0: alice dials bob; alice hangs up after d
at 10ms+d: pushes to bob arrive

expect by 4s: bob is idle; alice is idle
expect always: bob talked 0 times
expect: nothing held
