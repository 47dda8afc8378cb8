-- Tells a user's sessions on every node of an entry in a direct room, and notes the conversation in the inbox.
--
-- KEYS  1 the user's inbox (sorted set: room, scored by its last activity)
-- ARGV  1 room   2 the entry's at   3 the entry's JSON   4 the user's channel   5 conversations the inbox keeps
-- Returns 1
--
-- Atomic so that whoever hears of the entry finds it in the inbox. Repeating it is harmless: the score never falls,
-- and receivers drop an entry they have.

redis.call('ZADD', KEYS[1], 'GT', ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - tonumber(ARGV[5]))
redis.call('PUBLISH', ARGV[4], ARGV[3])
return 1
