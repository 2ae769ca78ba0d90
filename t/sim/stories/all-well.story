# All goes well: each device is pushed once, and again only to end its ringing.
switches a
phones alice bob/1 bob/2

at 0: alice dials bob
when bob/2 rings: bob/2 answers after 1s
when alice talks: alice hangs up after 2s

expect: recorded "push phone=bob/1 is=delivered" 1 times
expect: recorded "push phone=bob/2 is=delivered" 1 times
expect: recorded "status=sent" 2 times; not recorded "status=retry"
expect: alice ended completed; bob/2 ended completed; nothing held
