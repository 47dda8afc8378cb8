-- Gives a log that lost entries a new epoch, unless another node already did.
--
-- KEYS  1 log (stream)   2 meta (hash)   3 changes (hash)
-- ARGV  1 the epoch that must not be used any more   2 the new one
-- Returns { offset, epoch, at } of the head afterwards
--
-- Atomic because it is a compare-and-set: all nodes notice the loss at once, and the first one's epoch has to stand.

local epoch, offset, at = opened(KEYS[1], KEYS[2], KEYS[3], ARGV[2])
if epoch == ARGV[1] then
    epoch = ARGV[2]
    redis.call('HSET', KEYS[2], 'epoch', epoch)
end
return { offset, epoch, at }
