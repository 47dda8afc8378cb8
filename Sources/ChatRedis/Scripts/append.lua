-- Stores an entry at the end of a room's log and publishes it.
--
-- KEYS  1 log (stream)   2 meta (hash)   3 changes (hash)   4 the sender's key (string; left out when there is none)
-- ARGV  1-7 see append_prelude
--       8 milliseconds for which the key is remembered
--       9 the offset of the entry that this one answers (0: none); beyond the head it is an error NOENTRY
--       10 the secret of the attachment that the entry carries (empty: none)   11 its bytes
--       12 bytes that the room's attachments may have together; beyond it is an error FULLROOM
-- Returns { offset, epoch, at, 1 when the key was used before (then nothing was stored), else 0 }
--
-- Atomic because offset, entry, key and publication belong together: two appends must not get one offset, a repeated
-- key must find what the first one got, and subscribers must get entries in the order of their offsets. What the entry
-- carries stays from the same moment on: it was stored before, to end by itself.

local key = KEYS[4]

if key then
    local earlier = redis.call('GET', key)
    if earlier then
        local offset, epoch, at = string.match(earlier, '^(%d+) (%S+) (%d+)$')
        if offset then
            return { tonumber(offset), epoch, tonumber(at), 1 }
        end
    end
end

local log = standing()
if (tonumber(ARGV[9]) or 0) > log.offset then
    return redis.error_reply('NOENTRY there is no entry ' .. ARGV[9])
end
local secret, size = ARGV[10], tonumber(ARGV[11])
if secret ~= '' then
    local kept = log.is_new and 0 or tonumber(redis.call('HGET', KEYS[2], 'attachmentBytes')) or 0
    if kept + size > tonumber(ARGV[12]) then
        return redis.error_reply('FULLROOM the attachments of the room have ' .. digits(kept) .. ' bytes')
    end
    if redis.call('EXISTS', base .. 'attachment:' .. secret, base .. 'attachment:' .. secret .. ':about') < 2 then
        return redis.error_reply('NOATTACHMENT what the entry carries is not here')
    end
end
local refusal = store(log)
if refusal then
    return refusal
end
if secret ~= '' then
    redis.call('PERSIST', base .. 'attachment:' .. secret)
    redis.call('PERSIST', base .. 'attachment:' .. secret .. ':about')
    redis.call('HSET', base .. 'attachments', digits(log.offset), secret .. ' ' .. digits(size))
    redis.call('HINCRBY', KEYS[2], 'attachmentBytes', digits(size))
end
if key then
    redis.call('SET', key, digits(log.offset) .. ' ' .. log.epoch .. ' ' .. digits(log.at), 'PX', ARGV[8])
end
return { log.offset, log.epoch, log.at, 0 }
