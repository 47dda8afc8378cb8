-- Lets a node's lease end soon. A node without a lease gets none.
--
-- KEYS  1 leases (sorted set: node → end of its lease)
-- ARGV  1 node   2 milliseconds from now to the lease's end
-- Returns 1 when the node had a lease, else 0
--
-- Atomic so that the time comes from Redis's clock.

if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
    return 0
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('ZADD', KEYS[1], string.format('%.0f', now + tonumber(ARGV[2])), ARGV[1])
return 1
