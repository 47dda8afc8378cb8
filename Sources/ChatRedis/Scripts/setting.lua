-- Sets fields of a user's profile, and tells every node that has sessions of the user to read it again.
--
-- KEYS  1 the user's profile (hash)
-- ARGV  1 the user's channel   2 milliseconds after which a profile that is made now is forgotten (0: never)
--       from 3 on: field, value; an empty value removes the field
-- Returns 1
--
-- Atomic so that whoever hears of the change finds it.

local is_new = redis.call('EXISTS', KEYS[1]) == 0
for index = 3, #ARGV, 2 do
    if ARGV[index + 1] == '' then
        redis.call('HDEL', KEYS[1], ARGV[index])
    else
        redis.call('HSET', KEYS[1], ARGV[index], ARGV[index + 1])
    end
end
if is_new and ARGV[2] ~= '0' then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
redis.call('PUBLISH', ARGV[1], '{"type":"profile"}')
return 1
