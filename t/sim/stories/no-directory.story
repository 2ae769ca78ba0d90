# The directory is away while they talk, and alice's phone changes its address. Her
# switch knows her by her call, and takes her back at once.
switches a
phones alice bob
vary d from 0 to 20s by 2s

at 0: alice dials bob
when bob rings: bob answers after 1s
when alice talks: a loses its directory after 2s; alice roams after 4s+d
when alice talks: alice hangs up after 40s+d

expect at 35s: alice talks to bob; bob talks to alice
expect: alice ended completed; bob ended completed; alice exits 0
expect: alice ended 1 times; bob ended 1 times; nothing held
