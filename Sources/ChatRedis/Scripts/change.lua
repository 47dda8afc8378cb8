-- Stores the edit or the deletion of a message, or a reaction to it, as an entry of the room's log.
--
-- KEYS  1 log (stream)   2 meta (hash)   3 changes (hash)
-- ARGV  1-7 see append_prelude
--       8 `edit`, `delete` or `react`   9 the message's offset   10 who does it
--       11 whether they may change what others wrote: `1` or `0`
--       12 of a reaction: `+<emoji>` or `-<emoji>`
--       13 edits and reactions that a message may have   14 emoji that a user may leave at a message
--       15 what they are called   16 how many entries the room's audit keeps
-- Returns { offset, epoch, at, 1 when an entry was stored, 0 when it would change nothing }
-- Errors NOENTRY: no such message (any more); NOTYOURS: somebody else's; TOOMANY: the message has enough of these
--
-- Atomic because the check must hold when the entry is stored: nothing may be said of a message that is deleted, and
-- two equal reactions make one entry. A deletion takes the message, the texts of its edits and its attachment out
-- in the same step, so that nobody reads them after hearing of it.

local kind, target, author, mark = ARGV[8], ARGV[9], ARGV[10], ARGV[12]
local log = standing()

local found = log.is_new and {} or redis.call('XRANGE', KEYS[1], target .. '-0', target .. '-0')
local message = found[1] and found[1][2][2] or ''
local at, owner = string.match(
    message, '^{"offset":%d+,"epoch":"[^"]*","at":(%d+),"type":"message","room":"[^"]*","from":{"id":"([^"]*)"'
)
if not owner then
    return redis.error_reply('NOENTRY there is no message ' .. target)
end
if kind ~= 'react' and owner ~= author and ARGV[11] ~= '1' then
    return redis.error_reply('NOTYOURS message ' .. target .. ' is of ' .. owner)
end

local made = items(redis.call('HGET', KEYS[3], target))
local kept, mine = {}, 0
if kind == 'react' then
    local reaction = author .. '/' .. string.sub(mark, 2)
    local is_on = false
    for _, item in ipairs(made) do
        if string.sub(item[2], 2) == reaction then
            is_on = string.sub(item[2], 1, 1) == '+'
        else
            kept[#kept + 1] = digits(item[1]) .. ':' .. item[2]
            if string.sub(item[2], 2, #author + 2) == author .. '/' then
                mine = mine + 1
            end
        end
    end
    if is_on == (string.sub(mark, 1, 1) == '+') then
        return { log.offset, log.epoch, log.at, 0 }
    end
else
    for _, item in ipairs(made) do
        kept[#kept + 1] = digits(item[1]) .. ':' .. item[2]
    end
end
if kind ~= 'delete' and (#kept >= tonumber(ARGV[13]) or (kind == 'react' and mine >= tonumber(ARGV[14]))) then
    return redis.error_reply('TOOMANY message ' .. target .. ' has too many changes')
end

local refusal = store(log)
if refusal then
    return refusal
end
if tonumber(target) < log.first then
    -- Storing this trimmed the message itself.
    return { log.offset, log.epoch, log.at, 1 }
end
local offset = digits(log.offset)
if kind == 'edit' then
    kept[#kept + 1] = offset .. ':edit'
elseif kind == 'react' then
    kept[#kept + 1] = offset .. ':' .. string.sub(mark, 1, 1) .. author .. '/' .. string.sub(mark, 2)
else
    redis.call('XDEL', KEYS[1], target .. '-0')
    drop_attachments({ target })
    for _, item in ipairs(made) do
        local id = digits(item[1]) .. '-0'
        local edit = item[2] == 'edit' and redis.call('XRANGE', KEYS[1], id, id)[1]
        if edit then
            local edited_at = string.match(edit[2][2], '^{"offset":%d+,"epoch":"[^"]*","at":(%d+),') or '0'
            redis.call('XDEL', KEYS[1], id)
            redis.call('HSET', KEYS[3], digits(item[1]), offset .. ':gone@' .. edited_at)
        end
    end
    kept = { offset .. ':gone@' .. at }
    if owner ~= author then
        local is_read, entry = pcall(cjson.decode, message)
        redis.call(
            'XADD', base .. 'audit', 'MAXLEN', '~', ARGV[16], '*', 'act', 'delete', 'by', author, 'byName', ARGV[15],
            'user', owner, 'name', is_read and tostring(entry.from.name) or owner, 'offset', target
        )
    end
end
redis.call('HSET', KEYS[3], target, table.concat(kept, ' '))
return { log.offset, log.epoch, log.at, 1 }
