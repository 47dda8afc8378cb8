-- What a list of rooms shows of a room.
--
-- KEYS  1 meta (hash)   2 the nodes that have a share (set)   3 the room's settings (hash)
-- ARGV  1 what the keys of the room's shares begin with; the node's id follows   2 users of whom each is counted once
-- Returns nil for a room that is not public, else { topic or nil, offset of the head, its at, members, 1 when a user on several nodes counted more than once }
--
-- A script to save a round trip: the shares' keys are known only after the set of nodes was read. They have the
-- room's hash tag, so they lie in the same slot as the keys named above.

local settings = redis.call('HMGET', KEYS[3], 'topic', 'access')
if settings[2] and settings[2] ~= 'public' then
    return false
end
local fields = redis.call('HMGET', KEYS[1], 'offset', 'at')
local nodes = redis.call('SMEMBERS', KEYS[2])
local members, approx = 0, 0
for _, node in ipairs(nodes) do
    members = members + redis.call('HLEN', ARGV[1] .. node)
end
if #nodes > 1 and members > tonumber(ARGV[2]) then
    approx = 1
elseif #nodes > 1 then
    local seen = {}
    members = 0
    for _, node in ipairs(nodes) do
        for _, user in ipairs(redis.call('HKEYS', ARGV[1] .. node)) do
            if not seen[user] then
                seen[user] = true
                members = members + 1
            end
        end
    end
end
return { settings[1], tonumber(fields[1]) or 0, tonumber(fields[2]) or 0, members, approx }
