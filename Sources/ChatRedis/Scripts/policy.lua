-- Who may what in a room.
--
-- KEYS  1 log (stream)   2 meta (hash)   3 changes (hash)
-- ARGV  –
-- Returns { version, now }, and where the version is more than 0 behind it, as field, value, …: settings, roles, bans,
--   mutes, invitations, kicks
--
-- Atomic because they belong together. Most rooms have no version, and so nothing else to read. A log that lost its meta
-- starts anew, and so does its policy.

local version = tonumber(redis.call('HGET', KEYS[2], 'policy')) or 0
if version == 0 then
    return { 0, clock() }
end
local reply = { version, clock() }
for index, name in ipairs({ 'settings', 'roles', 'bans', 'mutes', 'invitations', 'kicks' }) do
    reply[index + 2] = redis.call('HGETALL', base .. name)
end
return reply
