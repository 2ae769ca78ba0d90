# Both of bob's phones ring for longer than half a minute, and alice's knows one
# of them only. The other's handshake waits all the while, and ends no call: it is
# the one that is answered.
switches a
phones alice bob/1 bob/2

at 0: delay a bob/2 200ms
at 1s: alice dials bob
when bob/2 rings: bob/2 answers after 36s
when alice talks: alice hangs up after 5s

expect: alice ended completed; bob/2 ended completed; bob/1 ended over
expect: nothing held
