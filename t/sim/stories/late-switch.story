# Bob's phone is switched on while the switch does not run. It registers when the
# switch is there, and can be called.
switches a
phones alice bob

at 0: a dies; bob off; bob on after 1s; a starts after 20s
at 60s: alice dials bob
when bob rings: bob answers after 1s
when alice talks: alice hangs up after 5s

expect: alice ended completed; bob ended completed; nothing held
