-- Put behind append, which is a function here, where a room sets a pace (slow mode): with its KEYS and all of its ARGV, and
-- behind these
-- ARGV  the last but one: milliseconds between two entries of an author   the last: the author
-- Returns what append returns
-- Errors SLOW <milliseconds>: the author's last entry is too young; nothing was stored
--
-- In the script that stores the entry, because two nodes must not let one author through at once. A key that was used
-- before makes no new entry. The room's key for this lies in the same slot as KEYS.

local pace, author = ARGV[#ARGV - 1], ARGV[#ARGV]
local last = string.sub(KEYS[1], 1, -#'log' - 1) .. 'paced:' .. author
if not KEYS[3] or redis.call('EXISTS', KEYS[3]) == 0 then
    local left = redis.call('PTTL', last)
    if left > 0 then
        return redis.error_reply('SLOW ' .. left)
    end
end
local stored = append()
if type(stored) == 'string' and string.sub(stored, -2) == ' 0' then
    redis.call('SET', last, '1', 'PX', pace)
end
return stored
