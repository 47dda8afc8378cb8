-- Prolongs a node's lease and says who lives.
--
-- KEYS  1 leases (sorted set: node → end of its lease)   2 the dead being cleaned (sorted set: node → deadline)
-- ARGV  1 node   2 the lease in milliseconds (0: only look)   3 `1` when this id never had a lease, else `0`
-- Returns { 1 when the lease was valid, 2 when it began now, 0 when it has ended; now, { living node, … },
--   { dead node, … } }
--
-- Atomic, and by Redis's clock alone, so that all nodes agree on who lives. An id whose lease has ended never lives
-- again, because another node may be removing what belongs to it: the node has to take a new id.

local node, lease = ARGV[1], tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local lease_end = redis.call('ZSCORE', KEYS[1], node)
local is_cleaned = redis.call('ZSCORE', KEYS[2], node)
local result = 0
if lease_end and tonumber(lease_end) >= now then
    result = 1
elseif lease > 0 and ARGV[3] == '1' and not lease_end and not is_cleaned then
    result = 2
end
if lease > 0 then
    -- Removes nothing, but from here on a Redis that is full does not refuse: otherwise all nodes would die at once.
    redis.call('ZREM', KEYS[1], '')
    if result > 0 then
        redis.call('ZADD', KEYS[1], string.format('%.0f', now + lease), node)
    elseif not lease_end and not is_cleaned then
        -- Cleaned up already, but this life may have written since: have it cleaned up once more.
        redis.call('ZADD', KEYS[1], '0', node)
    end
end

local now_text = string.format('%.0f', now)
local living = redis.call('ZRANGEBYSCORE', KEYS[1], now_text, '+inf')
local dead = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. now_text)
for _, id in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
    dead[#dead + 1] = id
end
return { result, now, living, dead }
