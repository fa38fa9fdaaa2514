-- A lot is given up before its cards were touched: they are ready again now, its blanks back on the shelf.
-- A: lot, why, from, to (statuses).  Reply: {wakes} or {fenced}.
local lot = ending_lot(A.lot)
if not lot then return keep_reply({ fenced = true }) end
local wakes, at = {}, leaving_time(lot.start)
end_all_cards(lot, A.to, at, A.why)
for i, card in ipairs(lot.cards) do
  local class, _, recorded, station = read_head(lot.records[i])
  join_queue(lot.station, station, card, class, recorded, at)
end
if lot.station ~= CENTRE then reserve(lot.station, -#lot.cards) end
add(K.counters, 'retry|' .. lot.station .. '|given up', #lot.cards)
end_lot(lot, at)
wake(lot.station, wakes)
log_event('given up', { lot = lot.name, station = lot.station }, { cards = lot.card_list })
return keep_reply({ wakes = wakes })
