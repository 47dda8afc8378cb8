-- Blocks somebody for a user, or no longer, and tells every node that has sessions of the user to read it again.
--
-- KEYS  1 whom the user has blocked (set of ids)
-- ARGV  1 the other's id   2 `1` to block, `0` to end it   3 how many a user may block   4 the user's channel
--       5 milliseconds after which the set is forgotten (0: never)
-- Returns 1; 0 when there are too many already
--
-- Atomic so that the number stays bounded, and whoever hears of the change finds it.

if ARGV[2] == '1' then
    if redis.call('SISMEMBER', KEYS[1], ARGV[1]) == 0 and redis.call('SCARD', KEYS[1]) >= tonumber(ARGV[3]) then
        return 0
    end
    redis.call('SADD', KEYS[1], ARGV[1])
    if ARGV[5] ~= '0' then
        redis.call('PEXPIRE', KEYS[1], ARGV[5])
    end
else
    redis.call('SREM', KEYS[1], ARGV[1])
end
redis.call('PUBLISH', ARGV[4], '{"type":"profile"}')
return 1
