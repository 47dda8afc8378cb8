-- Notes that a user is no longer on a node.
--
-- KEYS  1 the user's profile (hash)   2 the user's nodes (sorted set: node → until when)
-- ARGV  1 node (empty: only count)
-- Returns on how many nodes the user still is; on none, the status is forgotten
--
-- Atomic so that of two nodes that a user leaves at once, one is told that it was the last.

local time = redis.call('TIME')
local now = string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. now)
if redis.call('EXISTS', KEYS[1]) == 1 then
    redis.call('HSET', KEYS[1], 'lastSeen', now)
end
local count = redis.call('ZCARD', KEYS[2])
if count == 0 then
    redis.call('HDEL', KEYS[1], 'status', 'statusText')
end
return count
