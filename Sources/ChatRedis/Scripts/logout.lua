-- Begins a new generation of a user's tokens: older ones are void.
--
-- KEYS  1 the account (hash)
-- ARGV  1 the hash of a new password (empty: it stays)   2 the user's channel
-- Returns the new generation, or nil when there is no such account
--
-- Atomic so that a new password and the end of what was given under the old one are one step, and nobody creates an
-- account by ending its sessions.

if redis.call('EXISTS', KEYS[1]) == 0 then
    return false
end
if ARGV[1] ~= '' then
    redis.call('HSET', KEYS[1], 'password', ARGV[1])
end
local generation = redis.call('HINCRBY', KEYS[1], 'generation', 1)
redis.call('PUBLISH', ARGV[2], '{"type":"loggedOut","generation":' .. generation .. '}')
return generation
