-- KEYS: the grants of a subject, sorted by expiry.
-- ARGV: the expiry in seconds, the entry, how many milliseconds it is kept, the expiry in seconds up
-- to which entries go.
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[4])
keep(KEYS[1], tonumber(ARGV[3]))
return 0
