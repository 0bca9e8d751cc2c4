-- KEYS: the grant, its credentials.
-- ARGV: for each key what `insert` wants.
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 0
end
local at = 1
for number = 1, #KEYS do
  at = insert(KEYS[number], at)
end
return 1
