-- Put in front of append, change, page, since and renew.
-- A log is a stream (entry id `<offset>-0`, one field: the entry's JSON) and a hash, its meta: `epoch`, `offset` and
-- `at` of the head, `first` (the lowest offset that the log reaches back to), `created`.
-- A second hash has the changes: a message's offset -> its items, each `<offset of the change>:<what>`, by spaces; what
-- is `edit`, `+<user>/<emoji>` or `-<user>/<emoji>` (the latest of each user and emoji). Of an entry that was deleted:
-- `<offset of the deletion>:gone@<at of the entry>`.
-- A third hash has the attachments: a message's offset -> `<secret> <bytes>`; their bytes are strings and what is known
-- of them hashes, named by the secret. Their sum is `attachmentBytes` of the meta.
-- Who may what in the room is in six hashes: `settings`, `roles`, `bans`, `mutes`, `invitations` and `kicks`; `policy` of the
-- meta counts their changes. All these names begin as the log's does, so they lie in the same slot, and need not be among KEYS.

-- Milliseconds since the Unix epoch, by Redis's clock: the nodes' clocks do not count.
local function clock()
    local time = redis.call('TIME')
    return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- Lua itself prints 1e14 as `1e+14`.
local function digits(number)
    return string.format('%.0f', number)
end

-- Returns epoch, offset, at, first, the policy's version; the epoch is nil when the log has none.
local function head(meta)
    local fields = redis.call('HMGET', meta, 'epoch', 'offset', 'at', 'first', 'policy')
    if not fields[1] then
        return nil, 0, 0, 1, 0
    end
    return fields[1], tonumber(fields[2]) or 0, tonumber(fields[3]) or 0, tonumber(fields[4]) or 1,
        tonumber(fields[5]) or 0
end

-- What all names of the room's keys begin with.
local base = string.sub(KEYS[1], 1, -#'log' - 1)

-- Removes what the entries at these offsets carried; without offsets, whatever the room's entries carried.
local function drop_attachments(offsets)
    local carried = base .. 'attachments'
    local all = offsets and redis.call('HMGET', carried, unpack(offsets)) or redis.call('HVALS', carried)
    local found, bytes = false, 0
    for _, text in pairs(all) do
        local secret, size = string.match(text or '', '^(%x+) (%d+)$')
        if secret then
            redis.call('UNLINK', base .. 'attachment:' .. secret, base .. 'attachment:' .. secret .. ':about')
            found, bytes = true, bytes + tonumber(size)
        end
    end
    if not offsets then
        redis.call('UNLINK', carried)
    elseif found then
        redis.call('HDEL', carried, unpack(offsets))
        redis.call('HINCRBY', KEYS[2], 'attachmentBytes', digits(-bytes))
    end
end

-- Removes who may what: an older life of the room said so.
local function forget_policy()
    redis.call(
        'UNLINK', base .. 'settings', base .. 'roles', base .. 'bans', base .. 'mutes', base .. 'invitations',
        base .. 'kicks'
    )
end

-- The items of a message's changes, as { offset, what }, in the order made.
local function items(text)
    local found = {}
    for offset, what in string.gmatch(text or '', '(%d+):(%S+)') do
        found[#found + 1] = { tonumber(offset), what }
    end
    return found
end

-- The same as `head`, but a log without an epoch gets one. What an older life of the log left is of no use without its meta.
-- The founder, if there is one, owns the room from then on: `record` is the rest of their record among the roles, JSON from
-- behind `{"at":…,`.
local function opened(log, meta, changes, candidate, founder, record)
    local epoch, offset, at, first, policy = head(meta)
    if not epoch then
        epoch = candidate
        redis.call('HSET', meta, 'epoch', epoch, 'offset', '0', 'at', '0', 'first', '1')
        redis.call('HSETNX', meta, 'created', digits(clock()))
        redis.call('UNLINK', log, changes)
        drop_attachments()
        forget_policy()
        if (founder or '') ~= '' then
            policy = 1
            redis.call('HSET', meta, 'policy', '1')
            redis.call('HSET', base .. 'roles', founder, '{"at":' .. digits(clock()) .. ',' .. record)
        else
            redis.call('HDEL', meta, 'policy')
        end
    end
    return epoch, offset, at, first, policy
end
