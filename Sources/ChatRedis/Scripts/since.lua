-- Everything after a position: whole, or not at all.
--
-- KEYS  1 log (stream)   2 meta (hash)   3 changes (hash)
-- ARGV  1 an epoch to use when the log has none
--       2 epoch, 3 offset, 4 at of the position
--       5 entries at most   6 bytes of entries at most
-- Returns { 1 when recovered else 0, offset, epoch, at of the head, { entry, … } oldest first }
--
-- Recovered only when it is certain that nothing is missing and nothing is different: the same epoch, the log reaches
-- back, and the entry at the position still is the one with that `at` (after a failover that lost writes another
-- one may stand there). Of an entry that was deleted `at` is remembered; one that was trimmed can no longer be
-- compared: not recovered.
-- The position may come from a client, so nothing is ever written because of it.
--
-- Atomic because head and entries must belong together: a client goes on from that head with live entries.

local epoch, offset, at, first = opened(KEYS[1], KEYS[2], KEYS[3], ARGV[1])
local since_offset, since_at = tonumber(ARGV[3]), tonumber(ARGV[4])
local limit, byte_limit = tonumber(ARGV[5]), tonumber(ARGV[6])
local lost = { 0, offset, epoch, at, {} }

if ARGV[2] ~= epoch or since_offset > offset or since_at > at then
    return lost
end
if since_offset == offset then
    if since_at == at then
        return { 1, offset, epoch, at, {} }
    end
    return lost
end

local skipped = 1
if since_offset == 0 then
    -- The log was empty then: there is no entry to compare, so nothing may be missing from the beginning.
    if since_at ~= 0 or first > 1 then
        return lost
    end
    skipped = 0
end
local found = redis.call('XRANGE', KEYS[1], digits(since_offset), '+', 'COUNT', limit + skipped + 1)
if #found > limit + skipped then
    return lost
end
if skipped == 1 then
    local was_at
    if found[1] and found[1][1] == digits(since_offset) .. '-0' then
        was_at = string.match(found[1][2][2], '^{"offset":%d+,"epoch":"[^"]*","at":(%d+),')
    else
        was_at = string.match(redis.call('HGET', KEYS[3], digits(since_offset)) or '', ':gone@(%d+)$')
        skipped = 0
    end
    if tonumber(was_at) ~= since_at or #found > limit + skipped then
        return lost
    end
end

local entries, bytes = {}, 0
for index = skipped + 1, #found do
    local entry = found[index][2][2]
    bytes = bytes + #entry
    if bytes > byte_limit then
        return lost
    end
    entries[#entries + 1] = entry
end
return { 1, offset, epoch, at, entries }
