# His way to the switch is cut when he is pushed, for so long that the push is
# repeated, and that is another attempt of his phone. He rings once, and they talk.
switches a
phones alice bob
seeds 5

at 0: cut bob a; mend bob a after 14s
at 0: alice dials bob
when bob rings: bob answers after 2s
when alice talks: alice hangs up after 5s

expect by 25s: alice talked 1 times
expect: bob rang 1 times
expect: alice ended completed; bob ended completed; nothing held
