-- A lot is given up before its cards were touched: they are ready again, its blanks back on the shelf.
-- A: lot, from, to (statuses).  Reply: {wakes} or {fenced}.
local said = once()
if said then return said end
local lot = held_lot(A.lot)
if not lot then return reply({ fenced = true }) end
local wakes = {}
for _, card in ipairs(lot.cards) do
  move(card, A.from, A.to, NOW, 'given up')
  call('ZADD', P .. 'soon:' .. lot.station, lot.start, card)
end
if lot.station ~= CENTRE then
  call('HINCRBY', P .. 'stock:' .. lot.station, 'reserved', -#lot.cards)
  call('HINCRBY', P .. 'stock:' .. lot.station, 'blank', #lot.cards)
  call('HINCRBY', P .. 'stock:' .. lot.station, 'ribbon', #lot.cards)
end
end_lot(lot)
wake(lot.station, wakes)
event('given up', { lot = lot.name, station = lot.station, cards = lot.cards })
return reply({ wakes = wakes })
