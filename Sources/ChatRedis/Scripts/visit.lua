-- Notes that a user came to a room or left it.
--
-- KEYS  1 the user's rooms (hash: room → `joined <when>` or `left <when>`)
-- ARGV  1 room   2 `joined` or `left`   3 rooms that are kept   4 milliseconds after which the hash is forgotten (0: never)
-- Returns 1
--
-- Atomic so that the number stays bounded. Beyond it a room that was left goes first, then the one not visited for
-- longest.

local time = redis.call('TIME')
local now = string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
if ARGV[2] == 'left' and redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then
    return 1
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. now)
if redis.call('HLEN', KEYS[1]) > tonumber(ARGV[3]) then
    local all = redis.call('HGETALL', KEYS[1])
    local oldest, oldest_rank
    for index = 1, #all, 2 do
        local kind, at = string.match(all[index + 1], '^(%a+) (%d+)$')
        local rank = (tonumber(at) or 0) + (kind == 'joined' and 1e15 or 0)
        if all[index] ~= ARGV[1] and (not oldest or rank < oldest_rank) then
            oldest, oldest_rank = all[index], rank
        end
    end
    redis.call('HDEL', KEYS[1], oldest)
end
if ARGV[4] ~= '0' then
    redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
return 1
