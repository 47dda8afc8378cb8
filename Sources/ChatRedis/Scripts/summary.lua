-- What a list of rooms shows of a room.
--
-- KEYS  1 meta (hash)   2 the nodes that have a share (set)
-- ARGV  1 what the keys of the room's shares begin with; the node's id follows
-- Returns { topic or nil, offset of the head, its at, members }; a user on several nodes counts more than once
--
-- A script to save a round trip: the shares' keys are known only after the set of nodes was read. They have the
-- room's hash tag, so they lie in the same slot as the keys named above.

local fields = redis.call('HMGET', KEYS[1], 'topic', 'offset', 'at')
local members = 0
for _, node in ipairs(redis.call('SMEMBERS', KEYS[2])) do
    members = members + redis.call('HLEN', ARGV[1] .. node)
end
return { fields[1], tonumber(fields[2]) or 0, tonumber(fields[3]) or 0, members }
