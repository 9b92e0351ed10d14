-- ARGV: owner, messages to load, ttl, maximum bytes, since a session may be
-- larger than its location allows; returns -1 if the owner differs

local key, call = KEYS[1], redis.call
local header = call('LINDEX', key, 0)

if not header then
    return {}
end

if string.sub(header, 1, 32) ~= ARGV[1] then
    return -1
end

call('EXPIRE', key, ARGV[3])

local messages, bytes = tonumber(ARGV[2]), tonumber(ARGV[4])
local first = math.max(1, call('LLEN', key) - 2 * messages)
local entries = call('LRANGE', key, first, -1)
local i = #entries

while i > 0 do
    bytes = bytes - #entries[i]

    if bytes < 0 then
        break
    end

    if string.sub(entries[i], 1, 1) ~= 'S' then
        if messages == 0 then
            break
        end

        messages = messages - 1
    end

    i = i - 1
end

local last = {}

for j = i + 1, #entries do
    last[j - i] = entries[j]
end

return last
