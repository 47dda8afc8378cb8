-- Changes who may what in a room, notes who did it, and tells every node that has the room open.
--
-- KEYS  1 log (stream)   2 meta (hash)   3 changes (hash)
-- ARGV  1 the version that the change was decided on   2 the room's channel   3 how many entries the audit keeps
--       4 what everybody who is in the room gets as an invitation, from behind the name (empty: nobody gets one)
--       5 how many invitations there may be
--       6 how many edits follow; each is: `settings` or a list, the field, its value (empty: the field goes)
--       behind them the audit's entry: field, value, …
-- Returns 1; 0 when the version is another one by now; -1 when there is no such room
--
-- Atomic because of what is decided on one version nothing may be left when there is another: two owners who demote each
-- other must not both succeed. Whoever hears of the change finds it, and its entry in the audit.

local fields = redis.call('HMGET', KEYS[2], 'epoch', 'policy')
if not fields[1] then
    return -1
end
local version = tonumber(fields[2]) or 0
if version ~= tonumber(ARGV[1]) then
    return 0
end
if version == 0 then
    -- What an older life of the room left.
    forget_policy()
end
redis.call('HSET', KEYS[2], 'policy', digits(version + 1))

local place = 7
for _ = 1, tonumber(ARGV[6]) do
    local key, field, value = base .. ARGV[place], ARGV[place + 1], ARGV[place + 2]
    if value == '' then
        redis.call('HDEL', key, field)
    else
        redis.call('HSET', key, field, value)
    end
    place = place + 3
end

-- A node that is slow to write may have somebody in its share who was banned meanwhile.
local has_bans = redis.call('HLEN', base .. 'bans') > 0
local function is_banned(user)
    local ban = has_bans and redis.call('HGET', base .. 'bans', user)
    local till = ban and tonumber(string.match(ban, '"until":(%d+)'))
    return ban and (not till or till > clock())
end

if ARGV[4] ~= '' then
    -- Shares have the hash tag of the room, too; their keys are known only after the set of nodes was read.
    local room_left = tonumber(ARGV[5]) - redis.call('HLEN', base .. 'invitations')
    for _, node in ipairs(redis.call('SMEMBERS', base .. 'nodes')) do
        local share = redis.call('HGETALL', base .. 'here:' .. node)
        for index = 1, #share, 2 do
            local name = string.match(share[index + 1], '^{("name":"[^"]*"),')
                or '"name":"' .. share[index] .. '"'
            if room_left > 0 and not is_banned(share[index])
                and redis.call('HSETNX', base .. 'invitations', share[index], '{' .. name .. ARGV[4]) == 1 then
                room_left = room_left - 1
            end
        end
    end
end

redis.call('XADD', base .. 'audit', 'MAXLEN', '~', ARGV[3], '*', unpack(ARGV, place))
redis.call('PUBLISH', ARGV[2], '{"type":"policy","version":' .. digits(version + 1) .. '}')
return 1
