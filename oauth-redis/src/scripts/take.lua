-- KEYS: a request.
-- ARGV: its name among its owner's, what the keys of the owners of this shard begin with.
local request = redis.call('HMGET', KEYS[1], 'owner_kind', 'owner', 'expires_at', 'payload', 'listed')
if not request[1] then
  return false
end
redis.call('DEL', KEYS[1])
-- This key is not declared: only the request knows it. It has the hash tag of both. While their slot moves
-- to another node it may be refused; the entry that stays does no harm.
redis.pcall('ZREM', ARGV[2] .. request[5], ARGV[1])
return request
