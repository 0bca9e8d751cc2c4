-- Writes a record that is not there yet, as ARGV says from `at` on: how many milliseconds it is kept
-- (empty: as long as its grant), how many texts follow, and those texts, field and value by turns.
-- Gives the place behind them.
local function insert(key, at, as_long_as_grant)
  local fields = at + 2
  local behind = fields + tonumber(ARGV[at + 1])
  if redis.call('EXISTS', key) == 0 then
    redis.call('HSET', key, unpack(ARGV, fields, behind - 1))
    keep(key, tonumber(ARGV[at]) or as_long_as_grant)
  end
  return behind
end
