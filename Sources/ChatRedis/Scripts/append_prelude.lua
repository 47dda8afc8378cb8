-- Put, behind log_prelude, in front of append and change: storing an entry at the end of a room's log.
--
-- KEYS  1 log (stream)   2 meta (hash)
-- ARGV  1 the entry's JSON from `"type":` to its end
--       2 an epoch to use when a new one is needed
--       3 epoch, 4 offset, 5 at of the last entry the caller knows (all empty: none)
--       6 how many entries the log keeps
--       7 the channel to publish on (empty: none)

local changes = base .. 'changes'

-- Where the log stands, its epoch decided: what is stored next follows from here.
local function standing()
    local epoch, offset, at, first = head(KEYS[2])
    local log = { epoch = epoch, offset = offset, at = at, first = first, is_new = not epoch }
    if log.is_new then
        log.epoch = ARGV[2]
    elseif ARGV[3] == epoch then
        -- The caller saw what is not here: a failover lost it. Nobody may take the entries that follow for the lost
        -- ones.
        local known_offset, known_at = tonumber(ARGV[4]), tonumber(ARGV[5])
        if known_offset > offset or known_at > at or (known_offset == offset and known_at ~= at) then
            log.epoch = ARGV[2]
            log.offset = math.max(offset, known_offset)
            log.at = math.max(at, known_at)
        end
    end
    return log
end

-- What is known of changes and what was attached goes with the entries that were trimmed.
local function forget(from, to)
    local has_changes = redis.call('EXISTS', changes) == 1
    local has_attachments = redis.call('EXISTS', base .. 'attachments') == 1
    for start = from, (has_changes or has_attachments) and to or from - 1, 500 do
        local offsets = {}
        for offset = start, math.min(to, start + 499) do
            offsets[#offsets + 1] = digits(offset)
        end
        if has_changes then
            redis.call('HDEL', changes, unpack(offsets))
        end
        if has_attachments then
            drop_attachments(offsets)
        end
    end
end

-- Stores the entry behind `log` and publishes it; `log` then is its position.
-- Returns the error of a Redis that refused, with nothing done, or nil.
--
-- The first write is the XADD, so that a Redis that refuses writes (OOM, READONLY, MISCONF, NOREPLICAS) refuses all
-- of it: an offset counted up before would leave a hole.
local function store(log)
    local now = clock()
    local retention, was_first = tonumber(ARGV[6]), log.first
    local entry
    if log.is_new and redis.call('EXISTS', KEYS[1], changes) > 0 then
        -- What an older life of the log left is of no use without its meta.
        redis.call('UNLINK', KEYS[1], changes)
        drop_attachments()
    end
    log.at = math.max(now, log.at)

    local function add()
        log.offset = log.offset + 1
        entry = '{"offset":' .. digits(log.offset) .. ',"epoch":"' .. log.epoch .. '","at":' .. digits(log.at) .. ','
            .. ARGV[1]
        local oldest, id = log.offset - retention + 1, digits(log.offset) .. '-0'
        -- Trimming in steps is cheaper than with every entry, and an exact threshold keeps `first` known without a look.
        if oldest - log.first >= math.max(1, math.min(100, math.floor(retention / 10))) then
            log.first = oldest
            return redis.pcall('XADD', KEYS[1], 'MINID', '=', digits(oldest) .. '-0', id, 'entry', entry)
        end
        return redis.pcall('XADD', KEYS[1], id, 'entry', entry)
    end

    local added = add()
    if type(added) == 'table' and added.err and string.find(added.err, 'equal or smaller', 1, true) then
        -- The meta is behind its log, which only a foreign hand does. Without this the room would refuse every entry.
        local info = redis.call('XINFO', 'STREAM', KEYS[1])
        for index = 1, #info, 2 do
            if info[index] == 'last-generated-id' then
                log.offset = tonumber(string.match(info[index + 1], '^%d+'))
            end
        end
        log.epoch = ARGV[2]
        added = add()
    end
    if type(added) == 'table' and added.err then
        return added
    end

    redis.call(
        'HSET', KEYS[2],
        'epoch', log.epoch, 'offset', digits(log.offset), 'at', digits(log.at), 'first', digits(log.first)
    )
    if log.is_new then
        redis.call('HSETNX', KEYS[2], 'created', digits(now))
    end
    if log.first > was_first then
        forget(was_first, log.first - 1)
    end
    if ARGV[7] ~= '' then
        redis.call('PUBLISH', ARGV[7], entry)
    end
end
