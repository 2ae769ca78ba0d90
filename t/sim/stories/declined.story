# He declines, and she is told so.
switches a
phones alice bob

at 0: alice dials bob
when bob rings: bob declines after 1s

expect: alice ended declined; bob ended declined; alice exits 5
expect: bob talked 0 times; nothing held
