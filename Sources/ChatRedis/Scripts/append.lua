-- Stores an entry at the end of a room's log and publishes it.
--
-- KEYS  1 log (stream)   2 meta (hash)   3 the sender's key (string; left out when the entry has none)
-- ARGV  1 the entry's JSON from `"type":` to its end
--       2 an epoch to use when a new one is needed
--       3 epoch, 4 offset, 5 at of the last entry the caller knows (all empty: none)
--       6 how many entries the log keeps
--       7 the channel to publish on (empty: none)
--       8 milliseconds for which the key is remembered
--       9 the offset of the entry that this one answers (0: none); beyond the head it is an error NOENTRY
-- Returns { offset, epoch, at, 1 when the key was used before (then nothing was stored), else 0 }
--
-- Atomic because offset, entry, key and publication belong together: two appends must not get one offset, a repeated
-- key must find what the first one got, and subscribers must get entries in the order of their offsets.
-- The first write is the XADD, so that a Redis that refuses writes (OOM, READONLY, MISCONF, NOREPLICAS) refuses all
-- of it: an offset counted up before would leave a hole.

local log, meta, key = KEYS[1], KEYS[2], KEYS[3]
local candidate, retention, channel = ARGV[2], tonumber(ARGV[6]), ARGV[7]

if key then
    local earlier = redis.call('GET', key)
    if earlier then
        local offset, epoch, at = string.match(earlier, '^(%d+) (%S+) (%d+)$')
        if offset then
            return { tonumber(offset), epoch, tonumber(at), 1 }
        end
    end
end

local now = clock()
local epoch, offset, at, first = head(meta)
local is_new = not epoch
if is_new then
    epoch = candidate
elseif ARGV[3] == epoch then
    -- The caller saw what is not here: a failover lost it. Nobody may take the entries that follow for the lost ones.
    local known_offset, known_at = tonumber(ARGV[4]), tonumber(ARGV[5])
    if known_offset > offset or known_at > at or (known_offset == offset and known_at ~= at) then
        epoch = candidate
        offset = math.max(offset, known_offset)
        at = math.max(at, known_at)
    end
end

if (tonumber(ARGV[9]) or 0) > offset then
    return redis.error_reply('NOENTRY there is no entry ' .. ARGV[9])
end
if is_new and redis.call('EXISTS', log) == 1 then
    -- What an older life of the log left is of no use without its meta.
    redis.call('UNLINK', log)
end

at = math.max(now, at)
local entry

local function add()
    offset = offset + 1
    entry = '{"offset":' .. digits(offset) .. ',"epoch":"' .. epoch .. '","at":' .. digits(at) .. ',' .. ARGV[1]
    local oldest = offset - retention + 1
    -- Trimming in steps is cheaper than with every entry, and an exact threshold keeps `first` known without a look.
    if oldest - first >= math.max(1, math.min(100, math.floor(retention / 10))) then
        first = oldest
        return redis.pcall('XADD', log, 'MINID', '=', digits(oldest) .. '-0', digits(offset) .. '-0', 'entry', entry)
    end
    return redis.pcall('XADD', log, digits(offset) .. '-0', 'entry', entry)
end

local added = add()
if type(added) == 'table' and added.err and string.find(added.err, 'equal or smaller', 1, true) then
    -- The meta is behind its log, which only a foreign hand does. Without this the room would refuse every entry.
    local info = redis.call('XINFO', 'STREAM', log)
    for index = 1, #info, 2 do
        if info[index] == 'last-generated-id' then
            offset = tonumber(string.match(info[index + 1], '^%d+'))
        end
    end
    epoch = candidate
    added = add()
end
if type(added) == 'table' and added.err then
    return added
end

redis.call('HSET', meta, 'epoch', epoch, 'offset', digits(offset), 'at', digits(at), 'first', digits(first))
if is_new then
    redis.call('HSETNX', meta, 'created', digits(now))
end
if key then
    redis.call('SET', key, digits(offset) .. ' ' .. epoch .. ' ' .. digits(at), 'PX', ARGV[8])
end
if channel ~= '' then
    redis.call('PUBLISH', channel, entry)
end
return { offset, epoch, at, 0 }
