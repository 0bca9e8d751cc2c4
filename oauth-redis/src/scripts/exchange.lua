-- KEYS: the grant, the credential that is spent or required, the successors.
-- ARGV: the exchange, the moment, the grant's identifier, '1' to spend and '0' to spend nothing, the
-- slack in milliseconds; then for each successor what `insert` wants.
-- Moments are texts of one length that sort as the moments do.
local exchange, now, id, spends, slack = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])

local grant = redis.call('HMGET', KEYS[1], 'expires_at', 'subject_kind', 'revoked_at',
  'last_exchange_at')
if not grant[1] or not grant[2] or grant[3] or grant[1] <= now then
  return { 'inactive' }
end
local credential = redis.call('HMGET', KEYS[2], 'grant', 'spent_at', 'spent_by', 'expires_at')
if credential[1] ~= id then
  return { 'unknown' }
end
if credential[2] then
  if credential[3] == exchange then
    return { 'done' }
  end
  return { 'spent', credential[2] }
end
if credential[4] <= now then
  return { 'expired' }
end

-- In whole seconds, which are exact in Lua's numbers; the microseconds would not be.
local function seconds(moment)
  return tonumber(string.sub(moment, 1, -7))
end
local as_long_as_grant = (seconds(grant[1]) - seconds(now) + 1) * 1000 + slack
-- A Redis that is full refuses the first command that takes memory, and nothing once something was
-- written. So these come before `keep`, which it never refuses.
local at = 6
for number = 3, #KEYS do
  at = insert(KEYS[number], at, as_long_as_grant)
end
if spends == '1' then
  redis.call('HSET', KEYS[2], 'spent_at', now, 'spent_by', exchange)
  if not grant[4] or grant[4] < now then
    redis.call('HSET', KEYS[1], 'last_exchange_at', now)
  end
  keep(KEYS[2], as_long_as_grant)
end
-- A grant that had nothing but a code was kept for as long as its code.
keep(KEYS[1], as_long_as_grant)
return { 'done' }
