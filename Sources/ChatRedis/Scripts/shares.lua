-- The shares of all nodes in a room, or only their sizes when they hold too many users.
--
-- KEYS  1 the nodes that have a share (set)
-- ARGV  1 what the keys of the room's shares begin with; the node's id follows   2 users at most
-- Returns { 1 when the shares are whole, else 0; { node, its size or { user, value, … }, … } }
--
-- A script to save round trips, and so that the shares fit each other. The shares' keys are known only after the set of
-- nodes was read; they have the room's hash tag, so they lie in the same slot.

local nodes = redis.call('SMEMBERS', KEYS[1])
local sizes, total = {}, 0
for index, node in ipairs(nodes) do
    sizes[index] = redis.call('HLEN', ARGV[1] .. node)
    total = total + sizes[index]
end
local is_whole = total <= tonumber(ARGV[2])
local result = {}
for index, node in ipairs(nodes) do
    result[#result + 1] = node
    result[#result + 1] = is_whole and redis.call('HGETALL', ARGV[1] .. node) or sizes[index]
end
return { is_whole and 1 or 0, result }
