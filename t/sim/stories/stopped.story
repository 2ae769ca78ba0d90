# A switch that has to stop sends its call away. Alice's phone dials again by
# itself, and reaches the other switch. (t/411-moved.t)
switches a b
phones alice bob
seeds 10

at 0: alice finds a
at 1s: alice dials bob
when bob rings: bob answers after 1s
when alice talks: alice finds b after 1s; a stops after 10s
when alice talks time 2: alice hangs up after 20s

expect: alice talked 2 times; bob talked 2 times; a ended
expect: alice ended completed; bob ended completed; alice exits 0
expect: recorded "presses phone=bob/1 key=enter" 1 times; nothing held
