-- KEYS: a credential.
-- ARGV: what the keys of the grants of its shard begin with.
local credential = redis.call('HMGET', KEYS[1],
  'grant', 'kind', 'expires_at', 'spent_at', 'spent_by', 'payload')
if not credential[1] then
  return false
end
-- This key is not declared: only the credential knows it. It has the credential's hash tag, so it
-- lives on this node. Only while its slot moves to another, it may be absent here, which looks like one
-- that was removed, or be refused. Then the credential is the answer, and its grant is asked for by name.
local grant = redis.pcall('HMGET', ARGV[1] .. credential[1],
  'client_id', 'subject_kind', 'subject', 'expires_at', 'revoked_at', 'payload')
if grant.err or not grant[1] then
  return credential
end
for number = 1, #grant do
  credential[#credential + 1] = grant[number]
end
return credential
