-- Removes a dead node's share of a room, or a batch of it when it is large, and publishes that it is gone.
--
-- KEYS  1 the dead node's share (hash)   2 the nodes that have a share (set)
-- ARGV  1 room   2 the dead node   3 the room's channel   4 the operators' channel   5 users at most in this batch
-- Returns how many users are left in the share: call again until it is 0
--
-- Atomic so that each user gets one `gone` line, even when two survivors are at it at once. In batches so that a
-- share of many thousands does not hold up every room on this Redis.

local share, room, node = KEYS[1], ARGV[1], ARGV[2]
local batch = tonumber(ARGV[5])
local size = redis.call('HLEN', share)
local at = clock()

local found = {}
if size <= batch then
    found = redis.call('HGETALL', share)
    redis.call('UNLINK', share)
else
    local cursor = '0'
    repeat
        local reply = redis.call('HSCAN', share, cursor, 'COUNT', batch)
        cursor, found = reply[1], reply[2]
    until #found > 0 or cursor == '0'
    for index = 1, #found, 2 do
        redis.call('HDEL', share, found[index])
    end
end

size = redis.call('HLEN', share)
if size == 0 and (redis.call('SREM', KEYS[2], node) == 1 or #found > 0) then
    redis.call('PUBLISH', ARGV[3], notice(node, 0, '"here":[],"gone":[]}'))
end
for index = 1, #found, 2 do
    local text = line(room, found[index], node, 'gone', shown(found[index + 1]), '"offline"', at)
    redis.call('PUBLISH', ARGV[4], text)
end
return size
