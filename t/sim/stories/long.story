# They talk for forty minutes. What has a life at the relay is renewed all the
# time: allocations, permissions, channels.
switches a
phones alice bob

at 0: alice dials bob
when bob rings: bob answers after 1s
when alice talks: alice hangs up after 40min
until 1h

expect at 39min: alice talks to bob; bob talks to alice
expect: alice ended completed; bob ended completed; nothing held
expect: not recorded "signalling_resumed"; not recorded "media_moved"
expect: alice reports media.silent_ms at most 2000
expect: bob reports media.silent_ms at most 2000
expect: alice reports media.packets_received at least 4700
