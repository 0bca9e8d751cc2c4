-- KEYS: what a user has allowed.
-- ARGV: the client, the moment, the values of the scope.
local scope, is_there = {}, {}
local function add(value)
  if not is_there[value] then
    is_there[value] = true
    scope[#scope + 1] = value
  end
end

local before = redis.call('HGET', KEYS[1], ARGV[1])
if before then
  -- Behind the moment and a space.
  for value in string.gmatch(string.sub(before, #ARGV[2] + 2), '%S+') do
    add(value)
  end
end
for number = 3, #ARGV do
  add(ARGV[number])
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. table.concat(scope, ' '))
return 0
