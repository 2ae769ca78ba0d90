# The directory goes as alice has dialled. Bob's two phones, which the push has
# woken, come to the call all the same, and she is let back to hear the answer.
switches a
phones alice bob/1 bob/2
vary d from 0 to 200ms by 10ms

at 0: alice dials bob
when recorded call_started: a loses its directory
when bob/1 rings: alice roams after d; bob/1 answers after 2s
when alice talks: bob/1 roams after 2s; bob/1 hangs up after 8s
at 60s: a has its directory

expect: alice talked 1 times; bob/1 talked 1 times; bob/2 rang 1 times
expect: alice ended completed; bob/1 ended completed; nothing held
