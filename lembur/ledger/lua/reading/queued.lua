-- Read a page of a queue from its end, where no card leaves it: each card with the time it becomes ready ('' = it waits),
-- class, due time, station.
-- A: station, queue ('soon' or 'wait'), first, last (ranks from the end).  Reply: [[card, ready, class, due, station]], all as text.
local found, rows = call('ZREVRANGE', P .. A.queue .. ':' .. A.station, A.first, A.last, 'WITHSCORES'), {}
for i = 1, #found, 2 do
  local c = call('HMGET', P .. 'card:' .. found[i], 'c', 'd', 'q')
  rows[#rows + 1] = { found[i], A.queue == 'soon' and found[i + 1] or '', c[1], c[2], c[3] }
end
return #rows > 0 and cjson.encode(rows) or '[]'
