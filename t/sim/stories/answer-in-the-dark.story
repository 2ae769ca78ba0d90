# Bob answers while alice has no network. She is told when she is back, and they
# talk. (t/403-resume.t)
switches a
phones alice bob
vary d from 0 to 4s by 200ms

at 0: alice dials bob
when bob rings: bob answers after 3s
at 2s: cut alice a; mend alice a after 1s+d

expect by 15s: alice talks to bob; bob talks to alice
at 40s: alice hangs up
expect: alice ended completed; bob ended completed; nothing held
