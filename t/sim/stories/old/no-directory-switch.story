# A switch of 0.1.0 takes nobody back while its directory is away. Who has moved
# goes on asking, for it is there, and the call goes on.
switches a=0.1.0
phones alice bob
vary d from 0 to 3s by 500ms

at 0: alice dials bob
when bob rings: bob answers after 1s
when alice talks: a loses its directory after 2s; alice roams after 4s
when alice talks: a has its directory after 14s+d
when alice talks: alice hangs up after 40s

expect at 30s: alice talks to bob; bob talks to alice
expect: alice ended completed; bob ended completed; alice exits 0
expect: alice ended 1 times; bob ended 1 times; nothing held
