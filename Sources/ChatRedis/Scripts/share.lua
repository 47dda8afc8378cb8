-- Writes changes of one node's share of a room, and publishes them to the nodes and the operators.
--
-- KEYS  1 the node's share (hash)   2 the nodes that have a share (set)
-- ARGV  1 room   2 node   3 the room's channel   4 the operators' channel
--       5 the notice for the other nodes, from `"here":` to its end
--       6 number of users in the share afterwards, as the node knows it; empty: as they are counted here
--       7 number of users who are here; then for each: id, value; behind them the ids of those gone
-- Returns the share's size afterwards
--
-- Atomic so that the published size is the one these changes lead to: a receiver that counts another one knows that
-- it missed a notice. Values are absolute, so repeating the call is harmless; operators get a line only for what
-- really changed. The node's own word on the size counts: when Redis has lost the share, the others must not take those
-- for gone whom the node is about to write again.

local share, room, node = KEYS[1], ARGV[1], ARGV[2]
local last_here = 7 + 2 * tonumber(ARGV[7])
local at = clock()
local lines = {}

for index = 8, last_here, 2 do
    local user, value = ARGV[index], ARGV[index + 1]
    local former = redis.call('HGET', share, user)
    redis.call('HSET', share, user, value)
    local name, status = shown(value)
    if not former then
        lines[#lines + 1] = line(room, user, node, 'here', name, status, at)
    else
        local former_name, former_status = shown(former)
        if former_name ~= name or former_status ~= status then
            lines[#lines + 1] = line(room, user, node, 'status', name, status, at)
        end
    end
end
for index = last_here + 1, #ARGV do
    local user = ARGV[index]
    local former = redis.call('HGET', share, user)
    if former then
        redis.call('HDEL', share, user)
        lines[#lines + 1] = line(room, user, node, 'gone', shown(former), '"offline"', at)
    end
end

local size = redis.call('HLEN', share)
if size > 0 then
    redis.call('SADD', KEYS[2], node)
else
    redis.call('SREM', KEYS[2], node)
end
redis.call('PUBLISH', ARGV[3], notice(node, tonumber(ARGV[6]) or size, ARGV[5]))
for _, text in ipairs(lines) do
    redis.call('PUBLISH', ARGV[4], text)
end
return size
