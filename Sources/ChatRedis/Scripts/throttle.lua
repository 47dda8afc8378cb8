-- Counts something that may happen only so often: the generic cell rate algorithm, by Redis's clock, so that all nodes
-- count together.
--
-- KEYS  1 what is counted (string: when the next one is due at the steady rate, in milliseconds)
-- ARGV  1 milliseconds between two, which may be a fraction   2 how many may happen at once
--       3 how many happen; `-1` takes one back   4 `1`: they have happened, and count in any case (left out: not)
-- Returns milliseconds to wait; 0 when it is allowed, and only then it counts, unless it has happened
--
-- Atomic because two that look at once must not both take the last place.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local interval, burst, count = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local due = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0) or 0)
local wait = 0

if count < 0 then
    due = math.max(now, due + interval * count)
else
    wait = math.max(0, math.ceil(due + interval * count - now - interval * burst))
    if wait > 0 and ARGV[4] ~= '1' then
        return wait
    end
    -- Whoever did very much waits for twice as long as for the most that is allowed, and not for hours.
    due = math.min(due + interval * count, now + 2 * interval * burst)
    wait = math.min(wait, math.ceil(interval * burst))
end
if due > now then
    redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', string.format('%.0f', math.ceil(due - now)))
else
    redis.call('DEL', KEYS[1])
end
return wait
