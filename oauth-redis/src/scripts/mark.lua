-- KEYS: a record.
-- ARGV: a field and its value, which is set where the record is there and has no such field.
if redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
end
return 0
