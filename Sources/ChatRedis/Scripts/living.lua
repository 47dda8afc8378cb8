-- The nodes whose lease is valid.
--
-- KEYS  1 leases (sorted set: node → end of its lease)
-- ARGV  none
-- Returns { node, … } in byte order
--
-- A script only because Redis's clock has to be read and used in one step.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local nodes = redis.call('ZRANGEBYSCORE', KEYS[1], string.format('%.0f', now), '+inf')
table.sort(nodes)
return nodes
