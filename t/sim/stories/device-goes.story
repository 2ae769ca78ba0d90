# Both of bob's devices ring. The first, whose answer alice has, goes off at any
# moment. He answers the second.
switches a
phones alice bob/1 bob/2
vary d from 0 to 2s by 50ms

at 0: delay bob/2 a 30ms
at 0: alice dials bob; bob/1 off after d
at 3s: bob/2 answers
when alice talks: alice hangs up after 10s

expect by 6s: alice talks to bob; bob/2 talks to alice
expect: alice ended completed; bob/2 ended completed; alice ended 1 times
expect: nothing held
