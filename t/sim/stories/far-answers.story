# The device answers whose own answer came later to the caller, who had begun
# with that of the other. She talks to the one that answered.
switches a
phones alice bob/1 bob/2
seeds 3

at 0: delay bob/2 a 30ms
at 0: alice dials bob
when bob/2 rings: bob/2 answers after 2s
when alice talks: alice hangs up after 5s

expect by 4s: alice talks to bob; bob/2 talks to alice
expect: alice ended completed; bob/2 ended completed; bob/1 ended over
expect: alice and bob/2 agree on security.words; nothing held
