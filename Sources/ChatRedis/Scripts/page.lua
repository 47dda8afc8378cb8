-- A log's head and a page of its entries. A log without an epoch gets one: whoever reads it first opens it.
--
-- KEYS  1 log (stream)   2 meta (hash)
-- ARGV  1 an epoch to use when the log has none
--       2 `latest`, `before` or `after`   3 the offset before or after which to read (not read for `latest`)
--       4 entries at most   5 bytes of entries at most (one entry is always given, however large)
-- Returns { offset, epoch, at, 1 when entries lie beyond the page in the direction read, { entry, … } oldest first }
--
-- Atomic because head and entries must belong together: a client goes on from that head with live entries.

local epoch, offset, at = opened(KEYS[1], KEYS[2], ARGV[1])
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

local count, bytes = 0, 0
for index = 1, math.min(limit, #found) do
    bytes = bytes + #found[index][2][2]
    if index > 1 and bytes > byte_limit then
        break
    end
    count = index
end

local entries = {}
for index = 1, count do
    entries[direction == 'after' and index or count - index + 1] = found[index][2][2]
end
return { offset, epoch, at, #found > count and 1 or 0, entries }
