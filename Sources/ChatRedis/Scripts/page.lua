-- A log's head and a page of its entries. A log without an epoch gets one: whoever reads it first opens it.
--
-- KEYS  1 log (stream)   2 meta (hash)   3 changes (hash)
-- ARGV  1 an epoch to use when the log has none
--       2 `latest`, `before` or `after`   3 the offset before or after which to read (not read for `latest`)
--       4 entries at most   5 bytes of entries and changes at most (one entry is always given, however large)
--       6 who owns the room if there was none (empty: nobody)   7 their record, see `opened`
-- Returns { offset, epoch, at, 1 when entries lie beyond the page in the direction read, { entry, … } oldest first,
--           { change, … }: the entries behind the page that change a message on it, oldest first; of its edits the
--           last, of its reactions the last of each user and emoji; the version of the room's policy }
--
-- Atomic because head and entries must belong together: a client goes on from that head with live entries.

local epoch, offset, at, _, policy = opened(KEYS[1], KEYS[2], KEYS[3], ARGV[1], ARGV[6], ARGV[7])
local direction, from = ARGV[2], tonumber(ARGV[3])
local limit, byte_limit = tonumber(ARGV[4]), tonumber(ARGV[5])

local found
if direction == 'after' then
    found = redis.call('XRANGE', KEYS[1], digits(from + 1), '+', 'COUNT', limit + 1)
elseif direction == 'latest' then
    found = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', limit + 1)
elseif from > 1 then
    found = redis.call('XREVRANGE', KEYS[1], digits(from - 1), '-', 'COUNT', limit + 1)
else
    found = {}
end

-- What changes the entries found, from behind the page. Read backwards, the page ends with the first one found; read
-- forwards it may end with any, and what turns out to be on it is taken out again.
local function changes_of(entries, behind)
    local names = {}
    for index, entry in ipairs(entries) do
        names[index] = string.match(entry[1], '^%d+')
    end
    local lists = redis.call('HMGET', KEYS[3], unpack(names))
    local changes = {}
    for index = 1, #names do
        local list, last_edit = {}, nil
        for _, item in ipairs(items(lists[index])) do
            if item[1] > behind and item[2] == 'edit' then
                last_edit = item[1]
            elseif item[1] > behind and string.find(item[2], '^[+-]') then
                list[#list + 1] = item[1]
            end
        end
        list[#list + 1] = last_edit
        changes[index] = {}
        for _, change in ipairs(list) do
            local read = redis.call('XRANGE', KEYS[1], digits(change) .. '-0', digits(change) .. '-0')[1]
            if read then
                table.insert(changes[index], { change, read[2][2] })
            end
        end
    end
    return changes
end

local last = found[1] and tonumber(string.match(found[1][1], '^%d+')) or 0
local changes = {}
if limit > 0 and last > 0 and (last < offset) and redis.call('EXISTS', KEYS[3]) == 1 then
    changes = changes_of(found, last)
end

local count, bytes = 0, 0
for index = 1, math.min(limit, #found) do
    bytes = bytes + #found[index][2][2]
    for _, change in ipairs(changes[index] or {}) do
        bytes = bytes + #change[2]
    end
    if index > 1 and bytes > byte_limit then
        break
    end
    count = index
end

local entries, later = {}, {}
for index = 1, count do
    entries[direction == 'after' and index or count - index + 1] = found[index][2][2]
end
local page_end = direction == 'after' and count > 0 and tonumber(string.match(found[count][1], '^%d+')) or last
for index = 1, count do
    for _, change in ipairs(changes[index] or {}) do
        if change[1] > page_end then
            later[#later + 1] = change
        end
    end
end
table.sort(later, function(one, other) return one[1] < other[1] end)
for index = 1, #later do
    later[index] = later[index][2]
end
return { offset, epoch, at, #found > count and 1 or 0, entries, later, policy }
