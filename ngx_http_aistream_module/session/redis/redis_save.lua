-- ARGV: owner, ttl, maximum messages, maximum bytes, whether to replace,
-- digest, number of records before the turn, records; returns -1 if the owner
-- differs

local key, call, bytes = KEYS[1], redis.call, 0
local header = call('LINDEX', key, 0)

if header then
    bytes = tonumber(string.sub(header, 34))

    if not bytes or string.sub(header, 1, 32) ~= ARGV[1] then
        return -1
    end

    -- a full Redis rejects the first write of a script only, and never LPOP
    call('LSET', key, 0, header)
    call('LPOP', key)
end

-- records before the turn are appended only if the list has no answer

local before, first = tonumber(ARGV[7]), 8

if before > 0 then
    local answered = false

    for _, entry in ipairs(call('LRANGE', key, 0, -1)) do
        answered = answered or string.sub(entry, 1, 1) == 'A'
    end

    if answered then
        first = first + before
    else
        call('DEL', key)
        bytes = 0
    end
end

local n = call('LLEN', key)
local i, size, found = n - 1, 0, false

while i >= 0 and not found do
    local entry = call('LINDEX', key, i)
    local kind = string.sub(entry, 1, 1)

    found = string.sub(entry, 2, 33) == ARGV[6]
            and (kind == 'F' or kind == 'U' and ARGV[5] == '1')

    size = size + #entry

    if not found then
        if ARGV[5] ~= '1' then
            break
        end

        i = i - 1
    end
end

if found then
    for j = i, n - 1 do
        call('RPOP', key)
    end

    bytes = bytes - size
    n = i
end

for j = first, #ARGV do
    call('RPUSH', key, ARGV[j])
    bytes = bytes + #ARGV[j]
    n = n + 1
end

while n > tonumber(ARGV[3]) or bytes > tonumber(ARGV[4]) do
    local entry = call('LPOP', key)

    if not entry then
        break
    end

    bytes = bytes - #entry
    n = n - 1
end

call('LPUSH', key, ARGV[1] .. ':' .. bytes)
call('EXPIRE', key, ARGV[2])

return n
