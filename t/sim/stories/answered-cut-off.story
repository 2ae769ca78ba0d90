# Bob answers while he has no way to the switch. It is said when he is back.
switches a
phones alice bob
vary d from 500ms to 8s by 500ms

at 0: alice dials bob
at 2s: cut bob a; bob answers after 1s; mend bob a after 1s+d

expect by 20s: alice talks to bob; bob talks to alice
at 40s: alice hangs up
expect: alice ended completed; bob ended completed; nothing held
