# Nobody comes: the ring ends when the switch's patience does, for both.
switches a
phones alice bob
set call.ring_ms 20000
set call.push_ms 15000

at 0: alice dials bob

expect at 18s: bob is rings; alice is hears
expect by 22s: bob is idle; alice is idle
expect: alice ended no_answer; bob ended 1 times; bob rang 1 times
expect: nothing held
