-- Put in front of share and reap.
-- A share is a hash: user id → `{"name":…,"status":…,"since":…,"sessions":…}`, in this order. A JSON string holds no
-- bare quote, so the first `,"status":` and `,"since":` are never part of a name. A `statusText` stands right behind
-- the status and is taken along with it: operators see both, and a change of either is a change.

local function clock()
    local time = redis.call('TIME')
    return string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
end

-- Name and status, as encoded.
local function shown(value)
    return string.match(value, '^{"name":(.-),"status":(.-),"since":')
end

-- What operators read on `presence:{R}`.
local function line(room, user, node, event, name, status, at)
    return '{"room":"' .. room .. '","user":"' .. user .. '","name":' .. (name or '""') .. ',"node":"' .. node
        .. '","event":"' .. event .. '","status":' .. (status or '""') .. ',"at":' .. at .. '}'
end

-- What the other nodes get on the room's channel; `rest` is the notice's JSON from `"here":` to its end.
local function notice(node, size, rest)
    return '{"type":"share","node":"' .. node .. '","size":' .. string.format('%.0f', size) .. ',' .. rest
end
