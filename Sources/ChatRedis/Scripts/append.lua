-- Stores an entry at the end of a room's log and publishes it.
--
-- KEYS  1 log (stream)   2 meta (hash)   3 the sender's key (string; left out when there is none)
-- ARGV  1-7 see append_prelude; the others may be left out from 8, 9 or 10 on when they say nothing
--       8 milliseconds for which the key is remembered
--       9 the offset of the entry that this one answers (0: none); beyond the head it is an error NOENTRY
--       10 the secret of the attachment that the entry carries (empty: none)   11 its bytes
--       12 bytes that the room's attachments may have together; beyond it is an error FULLROOM
-- Returns `<offset> <epoch> <at>`, and ` 1` when the key was used before (then nothing was stored), else ` 0`: one
-- string costs Redis far less than a list
--
-- Atomic because offset, entry, key and publication belong together: two appends must not get one offset, a repeated
-- key must find what the first one got, and subscribers must get entries in the order of their offsets. What the entry
-- carries stays from the same moment on: it was stored before, to end by itself.

local key = KEYS[3]

if key then
    local earlier = redis.call('GET', key)
    if earlier and string.find(earlier, '^%d+ %S+ %d+$') then
        return earlier .. ' 1'
    end
end

local log = standing()
if (tonumber(ARGV[9]) or 0) > log.offset then
    return redis.error_reply('NOENTRY there is no entry ' .. ARGV[9])
end
local secret, size = ARGV[10] or '', tonumber(ARGV[11])
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
local stored = digits(log.offset) .. ' ' .. log.epoch .. ' ' .. digits(log.at)
if key then
    redis.call('SET', key, stored, 'PX', ARGV[8])
end
return stored .. ' 0'
