# A caller of 0.1.0 moves while the switch has no directory, and is let back.
switches a
phones alice=0.1.0 bob
vary d from 0 to 3s by 500ms

at 0: alice dials bob
when bob rings: bob answers after 1s
when bob talks: a loses its directory after 2s; alice roams after 4s
when bob talks: a has its directory after 24s+d
when bob talks: bob hangs up after 40s

expect at 35s: bob talks to alice
expect: bob ended completed; bob ended 1 times; nothing held
