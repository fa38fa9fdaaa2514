-- Move the hourly counts of days long past to the first hour of their day, once a day: what is read often stays small.
-- A: days (kept by the hour), zone_h (by which the office's day is ahead of UTC), starts_h (first hour of the office: a count after
-- it stays after it).  Reply: {folded (number of counts)}.
local function day_of(h) return math.floor((h + A.zone_h) / 24) * 24 - A.zone_h end
local before, old = day_of(math.floor(math.min(NOW, ENDS) / 3600000)) - 24 * A.days, {}
if before <= tonumber(read('HGET', K.clock, 'folded') or 0) then return cjson.encode({ folded = 0 }) end
local counts = read('HGETALL', K.hourly_counts)
for i = 1, #counts, 2 do
  local what, where, h = string.match(counts[i], '^([^|]*)|([^|]*)|(%d+)$')
  h = tonumber(h)
  -- A count of reasons has no hour.
  if h and h < before and what ~= 'reason' then
    local day = math.max(day_of(h), h >= A.starts_h and A.starts_h or 0)
    add(K.daily_counts, what .. '|' .. where .. '|' .. text(day), tonumber(counts[i + 1]))
    old[#old + 1] = counts[i]
  end
end
call_in_parts('HDEL', K.hourly_counts, old)
call('HSET', K.clock, 'folded', text(before))
return write_reply({ folded = #old })
