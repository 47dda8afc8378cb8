-- Counts something that may happen only so often: the generic cell rate algorithm, by Redis's clock, so that all nodes
-- count together.
--
-- KEYS  1 what is counted (string: when the next one is due at the steady rate, in milliseconds)
-- ARGV  1 milliseconds between two   2 how many may happen at once   3 `1` to count, `-1` to take one back
-- Returns milliseconds to wait; 0 when it is allowed, and only then it counts
--
-- Atomic because two that look at once must not both take the last place.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local due = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0) or 0)

if ARGV[3] == '-1' then
    due = math.max(now, due - interval)
else
    local wait = due - now - interval * (burst - 1)
    if wait > 0 then
        return wait
    end
    due = due + interval
end
if due > now then
    redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', string.format('%.0f', due - now))
else
    redis.call('DEL', KEYS[1])
end
return 0
