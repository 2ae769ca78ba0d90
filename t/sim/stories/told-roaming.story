# Bob answers while alice's phone changes its network and cannot reach the switch
# yet. She is told when she is there.
switches a
phones alice bob
vary d from 0 to 6s by 500ms

at 0: alice dials bob
at 2s: cut alice a; alice roams; bob answers after 500ms; mend alice a after 1s+d

expect by 20s: alice talks to bob; bob talks to alice
at 40s: alice hangs up
expect: alice ended completed; bob ended completed; nothing held
