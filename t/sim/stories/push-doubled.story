# Each push comes twice, at once or later, even after the call. It rings once.
switches a
phones alice bob
vary d from 0 to 20s by 500ms

at 0: pushes to bob come again after d
at 0: alice dials bob
when bob rings: bob answers after 3s
when alice talks: alice hangs up after 5s

expect: bob rang 1 times; bob ended 1 times; bob ended completed
expect: alice ended completed; nothing held
