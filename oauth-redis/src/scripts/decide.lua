-- KEYS: the grant.
-- ARGV: the moment, then for a refusal nothing, for an approval: kind and identifier of the subject,
-- the new expiry, the new payload, how many milliseconds the grant is kept, what the keys of the
-- credentials of its shard begin with.
local now = ARGV[1]
local grant = redis.call('HMGET', KEYS[1], 'expires_at', 'subject_kind', 'revoked_at', 'credentials')
if not grant[1] then
  return 'unknown'
end
if grant[2] or grant[3] then
  return 'already_decided'
end
if grant[1] <= now then
  return 'expired'
end
if #ARGV == 1 then
  redis.call('HSET', KEYS[1], 'revoked_at', now)
  return 'done'
end
redis.call('HSET', KEYS[1], 'subject_kind', ARGV[2], 'subject', ARGV[3], 'expires_at', ARGV[4],
  'payload', ARGV[5])
redis.call('HDEL', KEYS[1], 'credentials')
keep(KEYS[1], tonumber(ARGV[6]))
-- These keys are not declared: only the grant knows them. They have its hash tag, so they live on
-- this node, or are refused while their slot moves to another. `exchange` keeps what it spends, too.
for digest in string.gmatch(grant[4] or '', '%S+') do
  pcall(keep, ARGV[7] .. digest, tonumber(ARGV[6]))
end
return 'done'
