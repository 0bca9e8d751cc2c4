-- KEYS: a request, the requests of its owner in the order in which they came.
-- ARGV: the request's name among them, how many an owner may have, how many milliseconds the request
-- is kept, what the keys of the requests of this shard begin with, then field and value by turns.
local name, limit, milliseconds = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])

-- First, since a Redis that is full refuses it, and nothing once something was written.
redis.call('HSET', KEYS[1], unpack(ARGV, 5))
if not redis.call('ZSCORE', KEYS[2], name) then
  while redis.call('ZCARD', KEYS[2]) >= limit do
    -- This key is not declared: only the owner's list knows it. It has the hash tag of both. While their
    -- slot moves to another node it may be refused; then it stays until it expires.
    redis.pcall('DEL', ARGV[4] .. redis.call('ZPOPMIN', KEYS[2])[1])
  end
  local newest = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')
  redis.call('ZADD', KEYS[2], (tonumber(newest[2]) or 0) + 1, name)
end
keep(KEYS[1], milliseconds)
keep(KEYS[2], milliseconds)
return 0
