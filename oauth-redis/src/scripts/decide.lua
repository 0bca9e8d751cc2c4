-- KEYS: the grant.
-- ARGV: the moment, what tells this decision from all others, then for a refusal nothing, for an
-- approval: kind and identifier of the subject, the new expiry, the new payload, how many milliseconds
-- the grant is kept, what the keys of the credentials of its shard begin with.
local now = ARGV[1]
local grant = redis.call('HMGET', KEYS[1], 'expires_at', 'subject_kind', 'revoked_at', 'credentials',
  'decided_by')
if not grant[1] then
  return 'unknown'
end
-- A cluster's client sends a command again when its answer was lost.
if grant[5] == ARGV[2] then
  return 'done'
end
if grant[2] or grant[3] then
  return 'already_decided'
end
if grant[1] <= now then
  return 'expired'
end
if #ARGV == 2 then
  redis.call('HSET', KEYS[1], 'revoked_at', now, 'decided_by', ARGV[2])
  return 'done'
end
redis.call('HSET', KEYS[1], 'subject_kind', ARGV[3], 'subject', ARGV[4], 'expires_at', ARGV[5],
  'payload', ARGV[6], 'decided_by', ARGV[2])
redis.call('HDEL', KEYS[1], 'credentials')
keep(KEYS[1], tonumber(ARGV[7]))
-- These keys are not declared: only the grant knows them. They have its hash tag, so they live on
-- this node, or are refused while their slot moves to another. `exchange` keeps what it spends, too.
for digest in string.gmatch(grant[4] or '', '%S+') do
  pcall(keep, ARGV[8] .. digest, tonumber(ARGV[7]))
end
return 'done'
