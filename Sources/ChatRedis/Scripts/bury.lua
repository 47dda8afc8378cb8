-- Makes the caller the one who cleans up after a dead node, or gives it more time for that.
--
-- KEYS  1 leases (sorted set: node → end of its lease)   2 the dead being cleaned (sorted set: node → deadline)
-- ARGV  1 the dead node   2 milliseconds the caller gets   3 `claim` or `prolong`
-- Returns 1 when the caller is to clean up, 0 when the node lives, is cleaned up, or another one is at it
--
-- Atomic so that of several survivors one gets the task. The deadline lets another one finish for a cleaner that dies.

local node = ARGV[1]
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local lease_end = redis.call('ZSCORE', KEYS[1], node)
local deadline = redis.call('ZSCORE', KEYS[2], node)
if lease_end and tonumber(lease_end) >= now then
    return 0
end
if deadline and ARGV[3] == 'claim' and tonumber(deadline) >= now then
    return 0
end
if not deadline and (not lease_end or ARGV[3] == 'prolong') then
    return 0
end
redis.call('ZREM', KEYS[1], node)
redis.call('ZADD', KEYS[2], string.format('%.0f', now + tonumber(ARGV[2])), node)
return 1
