# Clocks are wrong by hours: the switch's, or a phone's.
switches a
phones alice bob carol dave

at 0: clock a 1h
at 1s: alice dials bob
at 60s: clock a 0; clock carol 2h; clock dave 1h
at 61s: carol dials dave
when bob rings: bob answers after 1s
when dave rings: dave answers after 1s
when alice talks: alice hangs up after 5s
when carol talks: carol hangs up after 5s

expect: alice ended completed; bob ended completed; alice exits 0
expect: carol ended completed; dave ended completed; carol exits 0
expect: nothing held
