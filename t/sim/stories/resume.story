# The paths to the switch break for some seconds each while they talk. Both
# return to it, and it is one call to its end. (t/403-resume.t)
switches a
phones alice bob
vary d from 0 to 8s by 1s

at 0: alice dials bob
when bob rings: bob answers after 1s
when alice talks: cut alice a after 5s; mend alice a after 9s
when alice talks: cut bob a after 5s+d; mend bob a after 9s+d
when alice talks: alice hangs up after 60s
until 150s

expect at 55s: alice talks to bob; bob talks to alice
expect: alice ended completed; bob ended completed
expect: alice ended 1 times; bob ended 1 times; nothing held
