# Their switch hangs for a while. The call goes on by it or by the other switch,
# and is one call.
switches a b
phones alice bob
vary d from 1s to 61s by 4s

at 0: alice finds a
at 1s: alice dials bob
when bob rings: bob answers after 1s
when alice talks: alice finds b after 1s
when alice talks: a hangs after 10s; a resumes after 10s+d
until 300s

expect at 120s: alice and bob have one call
at 121s: alice hangs up
expect: alice ended completed; bob ended completed; nothing held
