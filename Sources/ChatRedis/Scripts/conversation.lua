-- What an inbox shows of a room.
--
-- KEYS  1 log (stream)   2 meta (hash)   3 the room's read offsets (hash: user → offset)
-- ARGV  1 user   2 entries that are looked at to count   3 `1` for one who may read every room, else `0`
--       from 4 on: users whose mentions do not count
-- Returns nil when the user may not read the room, else { the last entry or nil, read offset, messages of others behind it, those of them that mention the user,
--   1 when there may be more than were counted }
--
-- A script so that head, read offset and count fit each other. What was deleted is no longer in the log and so not
-- counted; edits, deletions and reactions are entries of other types.

local user, limit = ARGV[1], tonumber(ARGV[2])
local hidden = {}
for index = 4, #ARGV do
    hidden[ARGV[index]] = true
end

-- Who is banned from the room, or not invited to a private one.
local function is_kept_out()
    local base = string.sub(KEYS[1], 1, -#'log' - 1)
    local ban = redis.call('HGET', base .. 'bans', user)
    if ban then
        local till = tonumber(string.match(ban, '"until":(%d+)'))
        local time = redis.call('TIME')
        if not till or till > tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) then
            return true
        end
    end
    return redis.call('HGET', base .. 'settings', 'access') == 'private'
        and redis.call('HEXISTS', base .. 'roles', user) == 0
        and redis.call('HEXISTS', base .. 'invitations', user) == 0
end

local meta = redis.call('HMGET', KEYS[2], 'offset', 'policy')
if meta[2] and ARGV[3] ~= '1' and is_kept_out() then
    return false
end
local head = tonumber(meta[1] or '0') or 0
local read = math.min(tonumber(redis.call('HGET', KEYS[3], user) or '0') or 0, head)
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
local unread, mentions, more = 0, 0, 0

if read < head then
    local entries = redis.call('XRANGE', KEYS[1], string.format('%.0f', read + 1), '+', 'COUNT', limit + 1)
    for index = 1, math.min(#entries, limit) do
        local entry = entries[index][2][2]
        -- The front of an entry is ours, in this order, whatever the text holds.
        local kind, author = string.match(
            entry, '^{"offset":%d+,"epoch":"[^"]*","at":%d+,"type":"(%a+)","room":"[^"]*","from":{"id":"([^"]*)"')
        if kind == 'message' and author ~= user then
            unread = unread + 1
            -- A bare quote is never part of a text.
            local list = not hidden[author] and string.match(entry, '"mentions":(%b[])')
            if list and string.find(list, '"' .. user .. '"', 1, true) then
                mentions = mentions + 1
            end
        end
    end
    if #entries > limit then
        more = 1
    end
end
return { last[1] and last[1][2][2] or false, read, unread, mentions, more }
