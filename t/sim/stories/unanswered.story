# Nobody comes: the ring ends when the switch's patience does, for both.
switches a
phones alice bob

at 0: alice dials bob

expect at 40s: bob is rings; alice is hears
expect by 47s: bob is idle; alice is idle
expect: alice ended no_answer; bob ended 1 times; bob rang 1 times
expect: nothing held
