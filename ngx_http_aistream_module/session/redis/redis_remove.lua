-- ARGV: owner; returns -1 if the owner differs

local header = redis.call('LINDEX', KEYS[1], 0)

if not header or string.sub(header, 1, 32) ~= ARGV[1] then
    return -1
end

return redis.call('DEL', KEYS[1])
