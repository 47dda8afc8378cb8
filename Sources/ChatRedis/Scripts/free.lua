-- Gives a name back, unless it is an account's, which keeps it.
--
-- KEYS  1 the name (string: the id of the user who has it)
-- ARGV  1 user
-- Returns 1 when the user had it and gave it back, else 0
--
-- Atomic because it is a compare-and-delete: the reservation may have ended, and the name be another one's, meanwhile.

if redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('PTTL', KEYS[1]) ~= -1 then
    return redis.call('DEL', KEYS[1])
end
return 0
