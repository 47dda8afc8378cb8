-- Notes who is kept out of the cluster, or no longer, and who did it.
--
-- KEYS  1 the bans (hash: user -> JSON)   2 the cluster's audit (stream)
-- ARGV  1 user   2 the ban (empty: there is none any more)   3 how many entries the audit keeps   4 how many bans there may be
--       from 5 on the audit's entry: field, value, …
-- Returns 1; 0 when there was no ban to take back; -1 when there are too many. Bans that have ended go first
--
-- Atomic because a ban and its entry in the audit belong together. What keeps the user out is in the user's profile.

if ARGV[2] == '' then
    if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then
        return 0
    end
else
    if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) and redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then
        local time = redis.call('TIME')
        local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
        local all, ended = redis.call('HGETALL', KEYS[1]), {}
        for index = 1, #all, 2 do
            local till = tonumber(string.match(all[index + 1], '"until":(%d+)'))
            if till and till <= now then
                redis.call('HDEL', KEYS[1], all[index])
                ended[#ended + 1] = all[index]
            end
        end
        if #ended == 0 then
            return -1
        end
    end
    redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', unpack(ARGV, 5))
return 1
