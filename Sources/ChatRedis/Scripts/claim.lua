-- Reserves a name for a user, or prolongs the reservation.
--
-- KEYS  1 the name (string: the id of the user who has it)
-- ARGV  1 user   2 milliseconds until it is free again unless prolonged
-- Returns { 1 when the user has the name now, 0 when somebody else has it; now }
--
-- Atomic because it is a compare-and-set: of two who ask at once only one may have the name.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then
    return { 0, now }
end
-- An account's name has no end of life, and gets none by being used.
if not owner or redis.call('PTTL', KEYS[1]) ~= -1 then
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return { 1, now }
