-- What a user has set.
--
-- KEYS  1 the user's profile (hash)
-- Returns { status, statusText }; what is not set is nil
--
-- A script so that what belongs together is read together.

return redis.call('HMGET', KEYS[1], 'status', 'statusText')
