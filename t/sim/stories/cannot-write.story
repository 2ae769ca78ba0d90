# The nearer switch cannot write to its directory, which others can. Bob's phone,
# which is switched on, registers by the other switch, and can be called.
switches a b
phones alice bob

at 0: delay a bob 5ms; delay b bob 40ms; bob off; a cannot write to its directory; bob on after 1s
at 10s: alice dials bob
when bob rings: bob answers after 1s
when alice talks: alice hangs up after 5s

expect: alice ended completed; bob ended completed; nothing held
