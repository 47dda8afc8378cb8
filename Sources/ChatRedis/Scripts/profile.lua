-- What a user has set.
--
-- KEYS  1 the user's profile (hash)   2 whom the user has blocked (set of ids)
-- Returns { status, statusText, reading, { blocked user, … }, what keeps the user out of the cluster }; what is not set is nil
--
-- A script so that what belongs together is read together, in one round trip.

local fields = redis.call('HMGET', KEYS[1], 'status', 'statusText', 'reading', 'ban')
return { fields[1], fields[2], fields[3], redis.call('SMEMBERS', KEYS[2]), fields[4] }
