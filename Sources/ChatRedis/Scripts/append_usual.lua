-- Put in front of append, with its KEYS and ARGV: stores an entry when all is as usual. Otherwise it changes nothing, and
-- what follows decides.
--
-- Nearly every message ends here, and Redis runs one script at a time: so this calls only what it must, prints each
-- number once, and makes neither functions nor tables. `%d` is cheaper than what `digits` does, but wrong beyond 31 bits
-- where Redis has only those in a `long`.

do
    local meta = redis.call('HMGET', KEYS[2], 'epoch', 'offset', 'at', 'first')
    local epoch, head, head_at, first = meta[1], tonumber(meta[2]), tonumber(meta[3]), tonumber(meta[4])
    local is_usual = epoch and head and head_at and first
        and (not ARGV[9] or (tonumber(ARGV[9]) or 0) <= head)
        and (not ARGV[10] or ARGV[10] == '') -- carries nothing

    if is_usual and ARGV[3] == epoch and (ARGV[4] ~= meta[2] or ARGV[5] ~= meta[3]) then
        -- The caller has seen no more than what is here.
        is_usual = tonumber(ARGV[4]) < head and tonumber(ARGV[5]) <= head_at
    end
    if is_usual then
        -- Not yet so much beyond the retention that the log is trimmed.
        local excess = head + 2 - ARGV[6] - first
        is_usual = excess < 1 or excess < math.min(100, math.floor(ARGV[6] / 10))
    end

    if is_usual and (not KEYS[3] or redis.call('EXISTS', KEYS[3]) == 0) then
        local time = redis.call('TIME')
        local at = math.max(time[1] * 1000 + math.floor(time[2] / 1000), head_at)
        local offset_digits, at_digits = string.format(head < 2147483647 and '%d' or '%.0f', head + 1), string.format('%.0f', at)
        local entry = '{"offset":' .. offset_digits .. ',"epoch":"' .. epoch .. '","at":' .. at_digits .. ',' .. ARGV[1]
        -- The first write: when it is refused, nothing has been done.
        if type(redis.pcall('XADD', KEYS[1], offset_digits .. '-0', 'entry', entry)) == 'string' then
            redis.call('HSET', KEYS[2], 'offset', offset_digits, 'at', at_digits)
            local stored = offset_digits .. ' ' .. epoch .. ' ' .. at_digits
            if KEYS[3] then
                redis.call('SET', KEYS[3], stored, 'PX', ARGV[8])
            end
            if ARGV[7] ~= '' then
                redis.call('PUBLISH', ARGV[7], entry)
            end
            return stored .. ' 0'
        end
    end
end
