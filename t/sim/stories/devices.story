# Both of bob's devices ring, and the second answers. The first is told that the
# call was answered elsewhere. (t/408-devices.t)
switches a
phones alice bob/1 bob/2

at 0: alice dials bob
when bob/2 rings: bob/2 answers after 3s
when alice talks: alice hangs up after 5s

expect by 2s: bob/1 is rings; bob/2 is rings
expect by 5s: alice talks to bob; bob/2 talks to alice; bob/1 is idle
expect: bob/1 ended over; bob/2 ended completed; alice ended completed
expect: bob/1 talked 0 times
expect: alice and bob/2 agree on security.words
expect: nothing held
