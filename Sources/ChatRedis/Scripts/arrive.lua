-- Notes when and under which name a user was last here, and that the user is on a node.
--
-- KEYS  1 the user's profile (hash)
--       2 the user's nodes (sorted set: node → until when); left out when only the profile is to be written
-- ARGV  1 name   2 `1` for a guest, else `0`   3 milliseconds after which the profile is forgotten (0: never)
--       4 node   5 milliseconds for which the node counts unless repeated
--       6 status and 7 its text as this node has them, for a profile that has lost them (left out, or empty: none)
-- Returns 1
--
-- Atomic so that nothing stays behind without its end of life, and times are by Redis's clock.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('HSET', KEYS[1], 'name', ARGV[1], 'guest', ARGV[2], 'lastSeen', string.format('%.0f', now))
if ARGV[6] and ARGV[6] ~= '' and redis.call('HSETNX', KEYS[1], 'status', ARGV[6]) == 1 and ARGV[7] ~= '' then
    redis.call('HSET', KEYS[1], 'statusText', ARGV[7])
end
if ARGV[3] ~= '0' then
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
if KEYS[2] then
    redis.call('ZADD', KEYS[2], string.format('%.0f', now + tonumber(ARGV[5])), ARGV[4])
    redis.call('PEXPIRE', KEYS[2], ARGV[5])
end
return 1
