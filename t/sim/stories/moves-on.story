# Bob's phone is gone without a word, and Alice's changes its address all the
# time. She does not wait for longer than others do.
switches a
phones alice bob
vary d from 15s to 19s by 500ms
until 4min

at 0: alice dials bob
when bob rings: bob answers after 1s
when alice talks: bob off after 5s
when alice talks: alice roams after 5s+d; alice roams after 25s+d; alice roams after 45s+d
when alice talks: alice roams after 65s+d; alice roams after 85s+d; alice roams after 105s+d

expect at 62s: alice is dials
expect: alice is idle; nothing held
