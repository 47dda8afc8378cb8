-- Notes that a user is on a node, under which name, and when.
--
-- KEYS  1 the user's profile (hash)   2 the user's nodes (sorted set: node → until when)
-- ARGV  1 name   2 `1` for a guest, else `0`   3 node   4 milliseconds for which the node counts unless repeated
--       5 milliseconds after which the profile is forgotten (0: never)
-- Returns 1
--
-- Atomic so that a profile never stays behind without its end of life, and times are by Redis's clock.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('HSET', KEYS[1], 'name', ARGV[1], 'guest', ARGV[2], 'lastSeen', string.format('%.0f', now))
if ARGV[5] ~= '0' then
    redis.call('PEXPIRE', KEYS[1], ARGV[5])
end
redis.call('ZADD', KEYS[2], string.format('%.0f', now + tonumber(ARGV[4])), ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return 1
