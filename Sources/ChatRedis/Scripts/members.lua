-- A page of the users in a large room, share by share.
--
-- KEYS  1 the nodes that have a share (set)
-- ARGV  1 what the keys of the room's shares begin with; the node's id follows
--       2 node, 3 cursor of HSCAN and 4 users to pass over there, where the page begins (empty, 0, 0: at the beginning)
--       5 users at most
-- Returns { users in all shares, { user, value, … }, node, cursor and users to pass over where the next page begins }; the
--   node is empty at the end. A user on several nodes counts, and is listed, for each.
--
-- A script to save round trips: the shares' keys are known only after the set of nodes was read. They have the room's hash
-- tag, so they lie in the same slot.

local limit = tonumber(ARGV[5])
local nodes = redis.call('SMEMBERS', KEYS[1])
table.sort(nodes)
local count = 0
for _, node in ipairs(nodes) do
    count = count + redis.call('HLEN', ARGV[1] .. node)
end

local index, cursor, skip = 1, ARGV[3], tonumber(ARGV[4])
while nodes[index] and nodes[index] < ARGV[2] do
    index = index + 1
end
if nodes[index] ~= ARGV[2] then
    cursor, skip = '0', 0
end
local users = {}
while nodes[index] and #users < 2 * limit do
    -- A small hash is given whole, whatever was asked for: what does not fit is passed over on the next page.
    local reply = redis.call('HSCAN', ARGV[1] .. nodes[index], cursor, 'COUNT', limit)
    local size = #reply[2] / 2
    local last = math.min(size, skip + limit - #users / 2)
    for position = 2 * skip + 1, 2 * last do
        users[#users + 1] = reply[2][position]
    end
    if last < size then
        return { count, users, nodes[index], cursor, last }
    end
    cursor, skip = reply[1], 0
    if cursor == '0' then
        index = index + 1
    end
end
return { count, users, nodes[index] or '', cursor, 0 }
