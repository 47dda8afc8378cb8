-- Notes how far a user has read a room. It only moves forward.
--
-- KEYS  1 the room's read offsets (hash: user → offset)   2 meta (hash)
-- ARGV  1 user   2 offset   3 users that are kept
-- Returns 1 when it moved, 0 when the user had read as far, -1 when the log does not reach there
--
-- Atomic because it is a compare-and-set: two devices of a user may tell it at once, the slower one an older offset.

local offset = tonumber(ARGV[2])
local head = tonumber(redis.call('HGET', KEYS[2], 'offset') or '0') or 0
if offset > head then
    return -1
end
local former = tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '0') or 0
-- More than there is: of a former life of the log.
if offset <= former and former <= head then
    return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if redis.call('HLEN', KEYS[1]) > tonumber(ARGV[3]) then
    -- Of some, whoever has read least: nearly as good as of all, and costs the same in any room.
    local some = redis.call('HRANDFIELD', KEYS[1], 10, 'WITHVALUES')
    local last, last_offset
    for index = 1, #some, 2 do
        local read = tonumber(some[index + 1]) or 0
        if some[index] ~= ARGV[1] and (not last or read < last_offset) then
            last, last_offset = some[index], read
        end
    end
    if last then
        redis.call('HDEL', KEYS[1], last)
    end
end
return 1
