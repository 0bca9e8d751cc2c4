-- What several scripts begin with.

-- Gives a key at least so many milliseconds to live, and never fewer than it has.
local function keep(key, milliseconds)
  if redis.call('PTTL', key) < milliseconds then
    redis.call('PEXPIRE', key, string.format('%.0f', milliseconds))
  end
end
