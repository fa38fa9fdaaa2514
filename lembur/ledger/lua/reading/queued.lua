-- Read a page of a queue from its end, where no card leaves it: each card with the time it becomes ready ('' = it waits),
-- class, due time, station.
-- A: station, queue ('scheduled' or 'ready'), first, last (ranks from the end).  Reply: [[card, ready, class, due, station]], all as text.
local key = A.queue == 'scheduled' and K.scheduled or K.ready
local found, cards, rows = read('ZREVRANGE', key .. A.station, A.first, A.last, 'WITHSCORES'), {}, {}
for i = 1, #found, 2 do cards[#cards + 1] = found[i] end
read_records(cards)
for i, card in ipairs(cards) do
  local class, due, _, station = read_head(RECORDS[card])
  rows[i] = { card, A.queue == 'scheduled' and found[2 * i] or '', class, due, station }
end
return #rows > 0 and cjson.encode(rows) or '[]'
